declare module "virtual:texts-of-the-office" {
  export const texts: Readonly<Record<string, string>>;
}
