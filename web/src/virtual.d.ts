type Words = ConstructorParameters<typeof import("intl-messageformat").IntlMessageFormat>[0];

declare module "virtual:texts-of-the-office" {
  export const texts: Readonly<Record<string, Words>>;
}
