//! One certificate: ordered, proved, and fetched (RFC 8555 §7.4).

use std::error::Error as _;
use std::time::Duration;

use instant_acme::{
    AuthorizationStatus, ChallengeType, Error, Identifier, NewOrder, Order, OrderStatus,
    RetryPolicy,
};

use super::{Acme, Trouble, account};
use crate::tls::Challenges;

/// How often to ask whether the server has looked, and for how long.
const LOOKING: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));

/// The same of whether it has issued.
const ISSUING: RetryPolicy = RetryPolicy::new().timeout(Duration::from_mins(10));

/// What a server says of an account that it does not know (RFC 8555 §6.7).
const NO_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";

/// The most characters of a server's own words.
const LONGEST_WORDS: usize = 400;

/// Has a certificate issued, by the first of these challenges that the server offers; gives its chain and
/// its key as one PEM file.
pub(super) async fn place(
    acme: &Acme,
    offered: &[ChallengeType],
    challenges: &Challenges,
) -> Result<String, Trouble> {
    let names = [Identifier::Dns(acme.host.clone())];
    let wanted = NewOrder::new(&names);
    let mut order = match account::open(acme).await?.new_order(&wanted).await {
        Err(Error::Api(problem)) if problem.r#type.as_deref() == Some(NO_ACCOUNT) => {
            account::forget(acme).await?;
            account::open(acme).await?.new_order(&wanted).await?
        }
        ordered => ordered?,
    };
    let challenge = get_ready(&mut order, acme, offered, challenges).await?;
    let status = order.poll_ready(&LOOKING).await;
    if !matches!(status, Ok(OrderStatus::Ready | OrderStatus::Valid)) {
        // What it found is said with its question.
        if let (Some(found), Some(challenge)) = (what_it_found(&mut order).await, challenge) {
            return Err(Trouble::Refused(found, challenge));
        }
        return Err(status.map_or_else(Trouble::from, |status| {
            Trouble::Server(format!("the order is {status:?}"))
        }));
    }
    let spent = |error: Error| Trouble::Spent(words(&error));
    let key = order.finalize().await.map_err(spent)?;
    let chain = order.poll_certificate(&ISSUING).await.map_err(spent)?;
    Ok(format!("{}\n{key}", chain.trim_end()))
}

/// Has the server find what it looks for, and look; says by which challenge, if it still has to.
async fn get_ready(
    order: &mut Order,
    acme: &Acme,
    offered: &[ChallengeType],
    challenges: &Challenges,
) -> Result<Option<ChallengeType>, Trouble> {
    let mut taken = None;
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status != AuthorizationStatus::Pending {
            continue;
        }
        let has = |it: &&ChallengeType| {
            authorization
                .challenges
                .iter()
                .any(|its| its.r#type == **it)
        };
        let Some(kind) = offered.iter().find(has).cloned() else {
            let says = "the server looks for this one in none of the ways that are set".to_owned();
            return Err(Trouble::Server(says));
        };
        let Some(mut challenge) = authorization.challenge(kind.clone()) else {
            continue;
        };
        let answer = challenge.key_authorization();
        if kind == ChallengeType::Http01 {
            challenges.answer_over_http(&challenge.token, answer.as_str());
        } else {
            challenges
                .answer_over_tls(&acme.host, answer.digest().as_ref())
                .map_err(|odd| Trouble::Server(odd.to_string()))?;
        }
        challenge.set_ready().await?;
        taken = Some(kind);
    }
    Ok(taken)
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
