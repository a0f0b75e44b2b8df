// Guests without a member: by when one must come, for all of them to see (ROOM-4).

import { useApp } from "../app";
import { clockWords, secondsUntil, useNow } from "./ticking";

export function MemberCountdown({ endsAt }: { readonly endsAt: number }) {
  const { text } = useApp();
  const seconds = secondsUntil(endsAt, useNow());
  return (
    <div class="banner countdown-note">
      <p>{text("countdown_text", { minutes: Math.max(1, Math.ceil(seconds / 60)) })}</p>
      <p class="countdown" role="timer">
        {clockWords(seconds)}
      </p>
    </div>
  );
}
