use super::*;
use crate::private::Private;

fn provider(issuer: &str, domains: &[&str], trusts: bool) -> Openid {
    let settings = settings::Openid {
        issuer: Some(issuer.to_owned()),
        client_id: Some("homeroom".to_owned()),
        client_secret: Private::new("a secret".to_owned()),
        domains: domains.iter().filter_map(|it| domain(it)).collect(),
        trust_addresses: trusts,
        ..settings::Openid::default()
    };
    Openid::of(&settings).expect("a provider")
}

fn claims(email: &str, is_verified: bool, username: &str, organisation: &str) -> Claims {
    let said = |text: &str| Some(text.to_owned()).filter(|it| !it.is_empty());
    Claims {
        subject: "1".to_owned(),
        email: said(email),
        is_verified,
        preferred_username: said(username),
        organisation: said(organisation),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, one entry a case")]
fn an_address_counts_where_the_provider_answers_for_it_and_it_is_the_schools() {
    const OTHER: &str = "https://id.school.example";
    const OURS: &[&str] = &["School.example", "büro.example"];
    let ada = "Ada@school.example";
    for (issuer, domains, trusts, claims, found) in [
        (
            OTHER,
            &[][..],
            false,
            claims(ada, true, "", ""),
            Ok(vec![ada]),
        ),
        (
            OTHER,
            &[],
            false,
            claims(ada, false, ada, ""),
            Err(NoAddress::Unsaid),
        ),
        (
            OTHER,
            &[],
            false,
            claims("", true, ada, ""),
            Err(NoAddress::Unsaid),
        ),
        (
            OTHER,
            &[],
            false,
            claims("ada", true, "", ""),
            Err(NoAddress::Unsaid),
        ),
        (OTHER, OURS, false, claims(ada, true, "", ""), Ok(vec![ada])),
        (
            OTHER,
            OURS,
            false,
            claims("a@xn--bro-hoa.example", true, "", ""),
            Ok(vec!["a@büro.example"]),
        ),
        (
            OTHER,
            OURS,
            false,
            claims("ada@evil.example", true, "", ""),
            Err(NoAddress::Elsewhere),
        ),
        (
            OTHER,
            OURS,
            false,
            claims("ada@x.school.example", true, "", ""),
            Err(NoAddress::Elsewhere),
        ),
        (
            OTHER,
            OURS,
            false,
            claims(ada, false, ada, ""),
            Err(NoAddress::Unsaid),
        ),
        (OTHER, OURS, true, claims(ada, false, "", ""), Ok(vec![ada])),
        (OTHER, OURS, true, claims("", false, ada, ""), Ok(vec![ada])),
        (
            OTHER,
            OURS,
            true,
            claims("a@evil.example", false, ada, ""),
            Ok(vec![ada]),
        ),
        (
            OTHER,
            OURS,
            true,
            claims("a@evil.example", false, "b@evil.example", ""),
            Err(NoAddress::Elsewhere),
        ),
        // At Google anybody may have an account of any address: whose it is counts.
        (
            GOOGLE,
            OURS,
            false,
            claims(ada, true, "", "school.example"),
            Ok(vec![ada]),
        ),
        (
            GOOGLE,
            OURS,
            false,
            claims(ada, true, "", ""),
            Err(NoAddress::Elsewhere),
        ),
        (
            GOOGLE,
            OURS,
            false,
            claims(ada, true, "", "evil.example"),
            Err(NoAddress::Elsewhere),
        ),
    ] {
        let openid = provider(issuer, domains, trusts);
        let addresses = openid.addresses(&claims);
        let said = addresses.as_ref().map(|all| {
            let said = all.iter().map(EmailAddress::reveal);
            said.collect::<Vec<_>>()
        });
        let said = said.map_err(|why| *why);
        assert_eq!(said, found, "{issuer} {domains:?} {trusts} {claims:?}");
    }
}
