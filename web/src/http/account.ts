// What a parent asks who has an account, signed in by a cookie that no script can read; and whoever is
// invited to have one.

import type {
  Account,
  DetailsDraft,
  NameDraft,
  NameParent,
  NameParentRequest,
  NewAddressDraft,
  OwnDetails,
  RegistrationAddress,
  SignIn,
} from "../wire/messages";
import {
  readAccount,
  readAccountHome,
  readLinkShown,
  readParentNamed,
  readPasskeyAsked,
  readRegistrationOffer,
} from "../wire/office-readers";
import { anything, type Read } from "../wire/read";
import { readSchoolView } from "../wire/readers";
import { type Answer, ask, type Question } from "./ask";

type Told = {
  readonly signedIn: (account: Account) => void;
  /** Nobody is signed in, or no longer. */
  readonly signedOut: () => void;
};

export class AccountApi {
  #csrf = "";
  readonly #told: Told;

  constructor(told: Told) {
    this.#told = told;
  }

  school = () => this.#ask(readSchoolView, { method: "GET", path: "school" });

  offer = (secret: string) =>
    this.#ask(readRegistrationOffer, { method: "POST", path: "register/check", body: { secret } });

  sendTo = (body: RegistrationAddress) =>
    this.#ask(anything, { method: "POST", path: "register/address", body });

  giveDetails = (body: DetailsDraft) =>
    this.#ask(readRegistrationOffer, { method: "POST", path: "register/details", body });

  nameParentByLink = (body: NameParentRequest) =>
    this.#ask(readParentNamed, { method: "POST", path: "register/parents", body });

  nameParent = (contact: string, body: NameParent) =>
    this.#ask(readParentNamed, {
      method: "POST",
      path: `account/contacts/${encodeURIComponent(contact)}/parents`,
      body,
    });

  changeDetails = (contact: string, body: OwnDetails) =>
    this.#ask(anything, {
      method: "PUT",
      path: `account/contacts/${encodeURIComponent(contact)}/details`,
      body,
    });

  sayName = (contact: string, body: NameDraft) =>
    this.#ask(anything, {
      method: "PUT",
      path: `account/contacts/${encodeURIComponent(contact)}/name`,
      body,
    });

  /** A link goes to the new address. */
  changeAddress = (body: NewAddressDraft) =>
    this.#ask(anything, { method: "PUT", path: "account/address", body });
  resendAddress = () => this.#ask(anything, { method: "POST", path: "account/address/resend" });
  keepAddress = () => this.#ask(anything, { method: "DELETE", path: "account/address" });
  confirmAddress = (secret: string) =>
    this.#signIn({ method: "POST", path: "account/address/confirm", body: { secret } });

  /** Refused where it waits no longer. */
  withdrawName = (contact: string, body: NameDraft) =>
    this.#ask(anything, {
      method: "POST",
      path: `account/contacts/${encodeURIComponent(contact)}/name/withdraw`,
      body,
    });

  register = (secret: string, password: string) =>
    this.#signIn({ method: "POST", path: "register", body: { secret, password } });

  signIn = (request: SignIn) =>
    this.#signIn({ method: "POST", path: "account/session", body: request });

  /** What a passkey of the staff is to sign, where one sign-in is for both. */
  askPasskey = (request: SignIn) =>
    this.#ask(readPasskeyAsked, { method: "POST", path: "session/passkey", body: request });

  byLink = (secret: string, password: string) =>
    this.#signIn({ method: "POST", path: "account/link", body: { secret, password } });

  session = () => this.#signIn({ method: "GET", path: "account/session" });

  lost = (email: string) =>
    this.#ask(anything, { method: "POST", path: "account/lost", body: { email } });

  home = () => this.#ask(readAccountHome, { method: "GET", path: "account" });

  evening = (contact: string, evening: string) =>
    this.#ask(readLinkShown, {
      method: "POST",
      path: `account/contacts/${encodeURIComponent(contact)}/evenings/${encodeURIComponent(evening)}`,
    });

  /** One sign-in for this account and for the staff; this browser holds both sessions. */
  makeHat = () => this.#ask(anything, { method: "POST", path: "account/hat" });
  unmakeHat = () => this.#ask(anything, { method: "DELETE", path: "account/hat" });

  signOut = async () => {
    const answer = await this.#ask(anything, { method: "DELETE", path: "account/session" });
    if (answer.type !== "unreachable") {
      this.#told.signedOut();
    }
    return answer;
  };

  close = async (password: string) => {
    const answer = await this.#ask(anything, {
      method: "POST",
      path: "account/close",
      body: { password },
    });
    if (answer.type === "given") {
      this.#told.signedOut();
    }
    return answer;
  };

  async #signIn(question: Pick<Question, "method" | "path" | "body">): Promise<Answer<Account>> {
    const answer = await this.#ask(readAccount, question);
    if (answer.type === "given") {
      this.#csrf = answer.body.csrf;
      this.#told.signedIn(answer.body);
    }
    return answer;
  }

  async #ask<T>(
    reader: Read<T>,
    question: Pick<Question, "method" | "path" | "body">,
  ): Promise<Answer<T>> {
    const answer = await this.#askOnce(reader, question);
    if (answer.type !== "refused") {
      return answer;
    }
    switch (answer.problem.code) {
      case "not_signed_in":
        this.#told.signedOut();
        return answer;
      case "bad_csrf":
        // Somebody signed in anew in another tab: this one learns the new proof.
        return (await this.session()).type === "given" ? this.#askOnce(reader, question) : answer;
      default:
        return answer;
    }
  }

  #askOnce<T>(
    reader: Read<T>,
    question: Pick<Question, "method" | "path" | "body">,
  ): Promise<Answer<T>> {
    return ask(
      {
        ...question,
        path: `/api/v1/${question.path}`,
        credentials: "same-origin",
        headers: question.method === "GET" ? {} : { "x-homeroom-csrf": this.#csrf },
      },
      reader,
    );
  }
}
