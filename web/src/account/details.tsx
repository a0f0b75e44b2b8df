// What whoever was named from a student's profile says of themselves before they register (DIR-8).

import { Checkboxes, SelectField } from "../parts/choices";
import { type Form, FormView, useForm } from "../parts/form";
import { nameOf } from "../parts/language-choice";
import { useNames } from "../parts/names";
import { TextField } from "../parts/text-field";
import { useLanguage, useLanguages, useText } from "../text/context";
import type { DetailsOffer, OwnDetails, RegistrationOffer } from "../wire/messages";
import { useAccount } from "./account";
import { OtherParents } from "./other-parents";
import type { Heed } from "./register";

type Given = {
  readonly secret: string;
  readonly heed: Heed;
  readonly details: DetailsOffer;
  readonly set: (offer: RegistrationOffer) => void;
};

type Props = Given & { readonly offer: RegistrationOffer };

/** Who named them, and the form. */
export function DetailsForm({ secret, heed, offer, details, set }: Props) {
  const { api } = useAccount();
  const text = useText();
  const { tag } = useLanguage();
  const names = useNames();
  const { name, email, school } = offer;
  const students = names(offer.students);
  const form = useForm<DetailsTyped, RegistrationOffer>({
    initial: detailsFirst(
      {
        ...details,
        lives_with: details.students.filter((it) => it.lives_with).map((it) => it.id),
      },
      { tag, isNew: !details.given },
    ),
    check: () => ({}),
    send: (typed) => heed(api.giveDetails({ secret, ...detailsOf(typed) })),
    done: set,
  });
  return (
    <>
      <p class="lead">
        {text("details_named_by", { inviter: details.inviter || school, students })}
      </p>
      <p>{text("details_text", { school })}</p>
      <div class="note">
        <p>{name}</p>
        <p>{email}</p>
        <p class="hint">{text("account_details_hint")}</p>
      </div>
      <FormView form={form} action={text("details_save")}>
        <DetailsFields form={form} students={details.students} school={school} />
      </FormView>
    </>
  );
}

export type DetailsTyped = {
  readonly telephone: string;
  readonly language: string;
  readonly school: readonly string[];
  readonly families: readonly string[];
  readonly lives_with: readonly string[];
};

/** What stands in the form first: of who has said nothing yet, the school is shown the number. */
export const detailsFirst = (
  { telephone, language, shares, lives_with }: OwnDetails,
  { tag, isNew }: { readonly tag: string; readonly isNew: boolean },
): DetailsTyped => ({
  telephone,
  language: language === "" ? tag : language,
  school: isNew || shares.school_telephone ? ["telephone"] : [],
  families: [
    ...(shares.families_email ? ["email"] : []),
    ...(shares.families_telephone ? ["telephone"] : []),
  ],
  lives_with,
});

/** As the server takes them. */
export const detailsOf = (typed: DetailsTyped): OwnDetails => ({
  telephone: typed.telephone.trim(),
  language: typed.language,
  shares: {
    school_telephone: typed.school.includes("telephone"),
    families_email: typed.families.includes("email"),
    families_telephone: typed.families.includes("telephone"),
  },
  lives_with: [...typed.lives_with],
});

type FieldsProps = {
  readonly form: Form<DetailsTyped>;
  readonly students: readonly { readonly id: string; readonly name: string }[];
  /** The school's name. */
  readonly school: string;
};

/** A telephone number, a language, who lives with them, and who sees what. */
export function DetailsFields({ form, students: theirs, school }: FieldsProps) {
  const text = useText();
  const { all } = useLanguages();
  const names = useNames();
  const { values, set: put } = form;
  const students = names(theirs.map((it) => it.name));
  return (
    <>
      <TextField
        form={form}
        name="telephone"
        type="tel"
        label={text("details_telephone")}
        hint={text("optional")}
        autocomplete="tel"
      />
      <SelectField
        form={form}
        name="language"
        label={text("details_language")}
        choices={all.map((one) => ({ value: one, label: nameOf(one) }))}
      />
      <Checkboxes
        name="lives_with"
        legend={text("details_lives_with")}
        choices={theirs.map((it) => ({ value: it.id, label: it.name }))}
        chosen={values.lives_with}
        onChange={(chosen) => put("lives_with", [...chosen])}
      />
      <Checkboxes
        name="school"
        legend={text("details_school")}
        hint={text("details_school_hint", { school })}
        choices={[{ value: "telephone", label: text("details_share_telephone") }]}
        chosen={values.school}
        onChange={(chosen) => put("school", [...chosen])}
      />
      <Checkboxes
        name="families"
        legend={text("details_families")}
        hint={text("details_families_hint", { students })}
        choices={[
          { value: "email", label: text("details_share_email") },
          { value: "telephone", label: text("details_share_telephone") },
        ]}
        chosen={values.families}
        onChange={(chosen) => put("families", [...chosen])}
      />
    </>
  );
}

/** What was given may be changed until they register. */
export function DetailsGiven({ change }: { readonly change: () => void }) {
  const text = useText();
  return (
    <p role="status" class="note">
      {text("details_given")}{" "}
      <button type="button" class="link" onClick={change}>
        {text("details_change")}
      </button>
    </p>
  );
}

/** Until they register, another parent may be named as well. */
export function ParentsNamed({ secret, heed, details, set }: Given) {
  const { api } = useAccount();
  return (
    <OtherParents
      heading="h2"
      students={details.students}
      named={details.named}
      mayName={details.may_name}
      send={(request) => heed(api.nameParentByLink({ secret, ...request }))}
      reload={async () => {
        const answer = await api.offer(secret);
        if (answer.type === "given") {
          set(answer.body);
        }
      }}
    />
  );
}
