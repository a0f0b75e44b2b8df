// An e-mail address, which a narrow column breaks at the "@" rather than within a name.

export function Email({ address }: { readonly address: string }) {
  const [who = "", ...rest] = address.split("@");
  return (
    <>
      {who}
      {rest.length > 0 && "@"}
      <wbr />
      {rest.join("@")}
    </>
  );
}
