// What somebody with an account says of themselves, and may change whenever they like (DIR-9).

import { useSignal } from "@preact/signals";
import { FormView, useForm } from "../parts/form";
import { useLanguage, useText } from "../text/context";
import type { AccountPerson } from "../wire/messages";
import { useAccount } from "./account";
import { DetailsFields, type DetailsTyped, detailsFirst, detailsOf } from "./details";

type Props = {
  readonly person: AccountPerson;
  readonly school: string;
  readonly reload: () => Promise<void>;
};

export function OwnDetails({ person, school, reload }: Props) {
  const { api } = useAccount();
  const text = useText();
  const { tag } = useLanguage();
  const saved = useSignal(false);
  const { id, details, students, other_telephone: other } = person;
  const form = useForm<DetailsTyped, unknown>({
    initial: detailsFirst(details, { tag, isNew: !person.has_said }),
    check: () => ({}),
    send: (typed) => {
      saved.value = false;
      return api.changeDetails(id, detailsOf(typed));
    },
    done: async () => {
      saved.value = true;
      await reload();
    },
  });
  return (
    <details>
      <summary>{text("account_details")}</summary>
      <FormView form={form} action={text("account_details_save")}>
        {other !== "" && (
          <p class="note">
            {text("details_telephone_other", { own: details.telephone, telephone: other, school })}
          </p>
        )}
        <DetailsFields form={form} students={students} school={school} />
      </FormView>
      <p role="status">{saved.value && text("details_given")}</p>
    </details>
  );
}
