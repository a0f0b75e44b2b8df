type Words = import("./text/format").Words;

declare module "virtual:texts-of-the-office" {
  export const texts: Readonly<Record<string, Words>>;
}

declare module "virtual:texts-of-the-call" {
  export const texts: Readonly<Record<string, Words>>;
}

declare module "virtual:texts-of-the-talk" {
  export const texts: Readonly<Record<string, Words>>;
}

declare module "virtual:texts-of-inviting" {
  export const texts: Readonly<Record<string, Words>>;
}

declare module "virtual:texts-of-further-pages" {
  export const texts: Readonly<Record<string, Words>>;
}

declare module "virtual:texts-of-areas" {
  export const texts: Readonly<Record<string, Words>>;
}

declare module "virtual:texts-of-waiting" {
  export const texts: Readonly<Record<string, Words>>;
}

declare module "virtual:texts-of-trouble" {
  export const texts: Readonly<Record<string, Words>>;
}

declare module "virtual:texts-of-the-start" {
  export const texts: Readonly<Record<string, Words>>;
}

/** Where the files are by which a person is told from what is behind them. */
declare const SEGMENTATION: string;
