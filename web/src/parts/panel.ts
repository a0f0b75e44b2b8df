/** What stands beside the people of a call. */
export type Panel = "chat" | "invite" | null;
