// Who of the staff signs in, and what each may do: for an owner to say (OPS-7).

import { useSignal } from "@preact/signals";
import { useAct } from "../parts/act";
import { Radios } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { CopyField } from "../parts/copy-field";
import { Email, emailProblem } from "../parts/email";
import { FormView, useForm } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { useNames } from "../parts/names";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import { LONGEST_PASSWORD } from "../wire/limits";
import type { LinkShown, Member, OfficeArea, StaffRole } from "../wire/messages";
import { FormerMembers } from "./former-members";
import { useMay } from "./may";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { DataLink } from "./their-data";

export function MembersPage() {
  const { api, session } = useOffice();
  const text = useText();
  const members = useResource(() => api.members(), [api]);
  const areas = useResource(() => api.areas(), [api]);
  const asking = useSignal<Member | null>(null);
  const taking = useSignal<Member | null>(null);
  const taken = useSignal<{ readonly name: string; readonly url: string } | null>(null);
  const unlinking = useSignal<Member | null>(null);
  const provider = useProvider();
  const said = useSignal("");
  const changing = useSignal<Member | null>(null);
  const governs = useMay()("govern");
  const own = session.value.type === "somebody" ? session.value.staff.email : "";
  return (
    <OfficePage
      name="members"
      heading={text("members_title")}
      back={{ to: "rooms", label: text("office_rooms") }}
    >
      <p>{text("members_text")}</p>
      {governs ? (
        <p>
          <GoTo to="rooms/members/new" class="button primary">
            {text("member_new")}
          </GoTo>
        </p>
      ) : (
        <p>{text("members_owner_text")}</p>
      )}
      <p role="status" class="hint">
        {said.value}
      </p>
      {taken.value !== null && (
        <div class="note" role="status">
          <p>{text("member_second_factor_taken", { name: taken.value.name })}</p>
          <CopyField
            url={taken.value.url}
            label={text("member_link_of", { name: taken.value.name })}
          />
        </div>
      )}
      <Loaded of={members}>
        {({ members: rows }) => (
          <Table
            caption={text("members_count", { count: rows.length })}
            rows={rows}
            keyOf={({ id }) => id}
            columns={[
              { heading: text("column_name"), names: true, cell: ({ name }) => name },
              { heading: text("column_email"), cell: ({ email }) => <Email address={email} /> },
              {
                heading: text("members_column"),
                cell: ({ role, can_sign_in: canSignIn, second_factor: hasSecond, identified }) => (
                  <>
                    {text(`staff_role_${role}`)}
                    {identified === true && (
                      <span class="hint">
                        {" "}
                        ({text("members_identified", { provider: provider.name })})
                      </span>
                    )}
                    {hasSecond === true && (
                      <span class="hint"> ({text("members_second_factor")})</span>
                    )}
                    {!canSignIn && (
                      <span class="hint">
                        {" "}
                        ({text(provider.only ? "members_never" : "members_invited")})
                      </span>
                    )}
                  </>
                ),
              },
              ...(governs
                ? [
                    {
                      heading: text("member_change"),
                      cell: (member: Member) => (
                        <span class="order">
                          <button
                            type="button"
                            class="secondary"
                            aria-label={text("member_role_named", { name: member.name })}
                            onClick={() => {
                              changing.value = member;
                            }}
                          >
                            {text("member_role")}
                          </button>
                          <button
                            type="button"
                            class="secondary"
                            aria-label={text("member_remove_named", { name: member.name })}
                            onClick={() => {
                              asking.value = member;
                            }}
                          >
                            {text("member_remove")}
                          </button>
                          {member.identified === true && (
                            <button
                              type="button"
                              class="secondary"
                              aria-label={text("member_unlink_named", {
                                name: member.name,
                                provider: provider.name,
                              })}
                              onClick={() => {
                                unlinking.value = member;
                              }}
                            >
                              {text("member_unlink", { provider: provider.name })}
                            </button>
                          )}
                          {member.second_factor === true && member.email !== own && (
                            <button
                              type="button"
                              class="secondary"
                              aria-label={text("member_second_factor_named", { name: member.name })}
                              onClick={() => {
                                taking.value = member;
                              }}
                            >
                              {text("member_second_factor")}
                            </button>
                          )}
                          <DataLink of="members" id={member.id} name={member.name} />
                        </span>
                      ),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Loaded>
      <FormerMembers left={members.value?.left ?? []} reload={members.reload} />
      {asking.value !== null && (
        <Remove
          key={asking.value.id}
          areas={areas.value?.areas ?? []}
          member={asking.value}
          onClose={() => {
            asking.value = null;
          }}
          onRemoved={async ({ name }) => {
            said.value = text("member_removed", { name });
            asking.value = null;
            await members.reload();
          }}
        />
      )}
      {changing.value !== null && (
        <ChangeRole
          key={changing.value.id}
          member={changing.value}
          onClose={() => {
            changing.value = null;
          }}
          onChanged={async ({ name }, role) => {
            said.value = text("member_role_changed", { name, role: text(`staff_role_${role}`) });
            changing.value = null;
            await members.reload();
          }}
        />
      )}
      {unlinking.value !== null && (
        <Unlink
          key={unlinking.value.id}
          member={unlinking.value}
          provider={provider.name}
          onClose={() => {
            unlinking.value = null;
          }}
          onUnlinked={async ({ name }) => {
            said.value = text("member_unlinked", { name, provider: provider.name });
            unlinking.value = null;
            await members.reload();
          }}
        />
      )}
      {taking.value !== null && (
        <TakeSecondFactor
          key={taking.value.id}
          member={taking.value}
          onClose={() => {
            taking.value = null;
          }}
          onTaken={async (name, url) => {
            taken.value = { name, url };
            taking.value = null;
            await members.reload();
          }}
        />
      )}
    </OfficePage>
  );
}

type RemoveProps = {
  readonly member: Member;
  readonly areas: readonly OfficeArea[];
  readonly onClose: () => void;
  readonly onRemoved: (member: Member) => Promise<void>;
};

function Remove({ member, areas, onClose, onRemoved }: RemoveProps) {
  const { api } = useOffice();
  const text = useText();
  const { name } = member;
  const isLast = useSignal(false);
  const act = useAct(async () => {
    const answer = await api.removeMember(member.id);
    isLast.value = answer.type === "refused" && answer.problem.code === "invalid";
    return answer;
  });
  const names = useNames();
  const left = leftAlone(areas, member.id);
  return (
    <Confirm
      title={text("member_remove_title", { name })}
      action={text("member_remove")}
      busy={act.busy}
      problem={isLast.value ? text("field_last_account") : act.problem}
      onClose={onClose}
      onConfirm={() => void act.run(() => onRemoved(member))}
    >
      <p>{text("member_remove_ask", { name })}</p>
      {left.length > 0 && (
        <p>{text("member_remove_alone", { name, areas: names(left), count: left.length })}</p>
      )}
    </Confirm>
  );
}

/** The waiting areas in which nobody else takes callers. */
export function leftAlone(areas: readonly OfficeArea[], member: string): readonly string[] {
  return areas
    .filter(({ providers }) => providers.length === 1 && providers[0] === member)
    .map(({ name }) => name);
}

const ROLES = ["owner", "office", "viewer", "member"] as const;

type RoleProps = Omit<RemoveProps, "areas" | "onRemoved"> & {
  readonly onChanged: (member: Member, role: StaffRole) => Promise<void>;
};

function ChangeRole({ member, onClose, onChanged }: RoleProps) {
  const { api } = useOffice();
  const text = useText();
  const role = useSignal(member.role);
  const isLast = useSignal(false);
  const act = useAct(async () => {
    const answer = await api.setRole(member.id, role.value);
    isLast.value = answer.type === "refused" && answer.problem.code === "invalid";
    return answer;
  });
  return (
    <Confirm
      title={text("member_role_title", { name: member.name })}
      action={text("member_role_save")}
      busy={act.busy}
      problem={isLast.value ? text("field_last_account") : act.problem}
      harmless
      onClose={onClose}
      onConfirm={() => void act.run(() => onChanged(member, role.value))}
    >
      <Roles
        chosen={role.value}
        onChange={(now) => {
          role.value = now;
        }}
      />
    </Confirm>
  );
}

type RolesProps = { readonly chosen: StaffRole; readonly onChange: (role: StaffRole) => void };

/** What somebody may be in the school, and what each may do. */
function Roles({ chosen, onChange }: RolesProps) {
  const text = useText();
  return (
    <Radios
      name="role"
      legend={text("member_role_legend")}
      choices={ROLES.map((value) => ({
        value,
        label: text(`staff_role_${value}`),
        hint: text(`staff_role_${value}_hint`),
      }))}
      chosen={chosen}
      onChange={(value) => {
        const role = ROLES.find((one) => one === value);
        if (role !== undefined) {
          onChange(role);
        }
      }}
    />
  );
}

type UnlinkProps = Omit<RemoveProps, "areas" | "onRemoved"> & {
  readonly provider: string;
  readonly onUnlinked: (member: Member) => Promise<void>;
};

/** Of whoever has another account at the provider by now. */
function Unlink({ member, provider, onClose, onUnlinked }: UnlinkProps) {
  const { api } = useOffice();
  const text = useText();
  const { name } = member;
  const act = useAct(() => api.unlinkMember(member.id));
  return (
    <Confirm
      title={text("member_unlink_title", { name, provider })}
      action={text("member_unlink", { provider })}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() => void act.run(() => onUnlinked(member))}
    >
      <p>{text("member_unlink_ask", { name, provider })}</p>
    </Confirm>
  );
}

/** By what the staff sign in beside a password, and whether by that alone. */
function useProvider(): { readonly name: string; readonly only: boolean } {
  const { api } = useOffice();
  const text = useText();
  const offer = useResource(() => api.openid(), [api]);
  const { name = text("openid_provider"), only = false } = offer.value ?? {};
  return { name, only };
}

type TakeProps = Omit<RemoveProps, "areas" | "onRemoved"> & {
  readonly onTaken: (name: string, url: string) => Promise<void>;
};

/** Of whoever has lost what makes their codes. */
function TakeSecondFactor({ member, onClose, onTaken }: TakeProps) {
  const { api } = useOffice();
  const text = useText();
  const { name } = member;
  const password = useSignal("");
  const act = useAct(() => api.takeSecondFactor(member.id, { password: password.value }));
  return (
    <Confirm
      title={text("member_second_factor_title", { name })}
      action={text("member_second_factor")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() => void act.run(({ url }) => onTaken(name, url))}
    >
      <p>{text("member_second_factor_ask", { name })}</p>
      <div class="field">
        <label for="own-password">{text("member_second_factor_password")}</label>
        <input
          id="own-password"
          type="password"
          autocomplete="current-password"
          maxLength={LONGEST_PASSWORD}
          value={password.value}
          onInput={({ currentTarget }) => {
            password.value = currentTarget.value;
          }}
        />
      </div>
    </Confirm>
  );
}

export function MemberPage() {
  const { api } = useOffice();
  const text = useText();
  const provider = useProvider();
  const made = useSignal<{ readonly name: string; readonly url: string } | null>(null);
  const role = useSignal<StaffRole>("member");
  const form = useForm<{ readonly name: string; readonly email: string }, LinkShown>({
    initial: { name: "", email: "" },
    check: ({ name, email }) => ({
      ...(name.trim() === "" ? { name: text("name_missing") } : {}),
      ...emailProblem(email, text),
    }),
    send: ({ name, email }) =>
      api.addMember({ name: name.trim(), email: email.trim(), role: role.value }),
    done: ({ url }, { name }) => {
      made.value = { name: name.trim(), url };
    },
    fieldOf: (code) => (code === "email_taken" ? "email" : undefined),
  });
  return (
    <OfficePage
      name="member"
      heading={text("member_new")}
      back={{ to: "rooms/members", label: text("members_title") }}
    >
      {made.value === null ? (
        <FormView form={form} action={text("member_add")}>
          <TextField form={form} name="name" label={text("column_name")} />
          <TextField
            form={form}
            name="email"
            type="email"
            label={text("column_email")}
            hint={text("member_email_hint")}
          />
          <Roles
            chosen={role.value}
            onChange={(now) => {
              role.value = now;
            }}
          />
        </FormView>
      ) : (
        <div class="note" role="status">
          <p>
            {text(provider.only ? "member_added_openid" : "member_added", {
              name: made.value.name,
              provider: provider.name,
            })}
          </p>
          <CopyField
            url={made.value.url}
            label={text("member_link_of", { name: made.value.name })}
          />
        </div>
      )}
    </OfficePage>
  );
}
