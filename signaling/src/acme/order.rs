//! One certificate: ordered, proved, and fetched (RFC 8555 §7.4).

use std::error::Error as _;
use std::time::Duration;

use instant_acme::{
    AuthorizationStatus, ChallengeType, Error, Identifier, NewOrder, Order, OrderStatus,
    RetryPolicy,
};

use super::{Acme, Trouble, account};
use crate::tls::Challenges;

/// How often the server is asked how it goes, and for how long.
const ASKING: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));

/// The most characters of a server's own words.
const LONGEST_WORDS: usize = 400;

/// Has a certificate issued; gives its chain and its key as one PEM file.
pub(super) async fn place(
    acme: &Acme,
    way: ChallengeType,
    challenges: &Challenges,
) -> Result<String, Trouble> {
    let account = account::open(acme).await?;
    let names = [Identifier::Dns(acme.host.clone())];
    let mut order = account.new_order(&NewOrder::new(&names)).await?;
    get_ready(&mut order, acme, &way, challenges).await?;
    let status = order.poll_ready(&ASKING).await;
    if !matches!(status, Ok(OrderStatus::Ready | OrderStatus::Valid)) {
        // What it found is said with its question.
        if let Some(found) = what_it_found(&mut order).await {
            return Err(Trouble::Refused(found, way));
        }
        return Err(status.map_or_else(Trouble::from, |status| {
            Trouble::Server(format!("the order is {status:?}"))
        }));
    }
    let key = order.finalize().await?;
    let chain = order.poll_certificate(&ASKING).await?;
    Ok(format!("{}\n{key}", chain.trim_end()))
}

/// Has the server find what it looks for, and look.
async fn get_ready(
    order: &mut Order,
    acme: &Acme,
    way: &ChallengeType,
    challenges: &Challenges,
) -> Result<(), Trouble> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status != AuthorizationStatus::Pending {
            continue;
        }
        let Some(mut challenge) = authorization.challenge(way.clone()) else {
            let says = "the server looks for this one in none of the ways that are set".to_owned();
            return Err(Trouble::Server(says));
        };
        let answer = challenge.key_authorization();
        if *way == ChallengeType::Http01 {
            challenges.answer_over_http(&challenge.token, answer.as_str());
        } else {
            challenges
                .answer_over_tls(&acme.host, answer.digest().as_ref())
                .map_err(|odd| Trouble::Server(odd.to_string()))?;
        }
        challenge.set_ready().await?;
    }
    Ok(())
}

/// Why the server is not convinced, in its words.
async fn what_it_found(order: &mut Order) -> Option<String> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.ok()?;
        let state = authorization.refresh().await.ok()?;
        let problem = state.challenges.iter().find_map(|it| it.error.as_ref());
        if let Some(problem) = problem {
            let said = problem.detail.as_deref().unwrap_or("it says no reason");
            return Some(bounded(said));
        }
    }
    None
}

/// An error with its causes, one line.
pub(super) fn words(error: &Error) -> String {
    if let Error::Api(problem) = error
        && let Some(detail) = &problem.detail
    {
        return bounded(detail);
    }
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        let words = one.to_string();
        if !said.contains(&words) {
            said = format!("{said}: {words}");
        }
        cause = one.source();
    }
    bounded(&said)
}

fn bounded(words: &str) -> String {
    let line = words
        .chars()
        .map(|it| if it.is_control() { ' ' } else { it });
    line.take(LONGEST_WORDS).collect()
}
