type Words = ConstructorParameters<typeof import("intl-messageformat").IntlMessageFormat>[0];

declare module "virtual:texts-of-the-office" {
  export const texts: Readonly<Record<string, Words>>;
}

/** Where the files are by which a person is told from what is behind them. */
declare const SEGMENTATION: string;
