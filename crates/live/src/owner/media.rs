//! Questions to the media plane, and its answers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use call::{Event, SeatNumber, SessionId};
use sfu::{CallKey, OfferRefused, PeerKey};
use tokio::sync::oneshot;
use tokio::time::timeout;
use wire::close::Close;
use wire::message::{RefusedCode, ServerMessage};

use super::{Offered, Owner, Told};
use crate::private::Private;

/// How long a worker may take to answer: longer than it takes to notice that it stands still.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(6);

/// An answer on its way.
pub(super) type Answering = Pin<Box<dyn Future<Output = Answered> + Send>>;

/// What the media plane made of an offer.
pub(super) struct Answered {
    session: SessionId,
    question: u64,
    /// The answer; none where a prepared peer was attached, which has its own.
    outcome: Result<Option<Private<String>>, OfferRefused>,
    /// The offer, where it was taken for a restart of the connection that is attached.
    restart: Option<Private<String>>,
}

impl Owner {
    /// Attaches a session by the offer that was kept for it.
    pub(super) fn attach(&mut self, session: SessionId, seat: SeatNumber) {
        self.forget_pictures(session);
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        let Some(offer) = held.offer.take() else {
            return match held.told {
                // Nobody is on hold any more, who was attached by nothing meanwhile.
                Told::Joined => self.tell_joined(session, None),
                // What it was to be attached by has gone with the program that it waited in.
                Told::Nothing | Told::Queued => self.tell_when_written(session),
            };
        };
        // Said before it is done: whatever breaks off in between, it is undone.
        self.attached.insert(session);
        let (call, peer, seat) = (CallKey(self.id().0), PeerKey(session.0), seat.0);
        let media = &self.live.ports.media;
        match offer {
            Offered::Fresh(offer) => {
                let answering = media.attach(call, peer, seat, offer.reveal());
                self.ask(session, answering, |it| Some(Private::new(it)), None);
            }
            Offered::Prepared(prepared) => {
                let seating = media.seat(call, prepared.key(), peer, seat);
                self.ask(session, seating, |()| None, None);
            }
        }
    }

    /// A session with a living socket offers again: first taken for an ICE restart.
    pub(super) fn offer(&mut self, session: SessionId, offer: Private<String>) {
        let Some(held) = self.held.get(&session) else {
            return;
        };
        if held.told != Told::Joined {
            let detail = "only who holds a seat may offer media";
            return self.refuse(session, RefusedCode::NotSeated, detail);
        }
        if self.is_on_hold(session) {
            let detail = "whoever is on hold has no media to offer";
            return self.refuse(session, RefusedCode::NotSeated, detail);
        }
        let media = &self.live.ports.media;
        let answering = media.restart(PeerKey(session.0), offer.reveal());
        self.ask(session, answering, |it| Some(Private::new(it)), Some(offer));
    }

    fn ask<T: Send + 'static>(
        &mut self,
        session: SessionId,
        answering: oneshot::Receiver<Result<T, OfferRefused>>,
        answer: fn(T) -> Option<Private<String>>,
        restart: Option<Private<String>>,
    ) {
        self.asked += 1;
        let question = self.asked;
        if let Some(held) = self.held.get_mut(&session) {
            held.asked = Some(question);
        }
        let live = Arc::clone(&self.live);
        self.answers.push(Box::pin(async move {
            // A media plane that has stopped answers nothing, and a worker that stands still does
            // not either.
            let answered = timeout(ANSWER_WITHIN, answering).await;
            let outcome = answered.map_or(Err(OfferRefused::Busy), |answered| {
                answered.unwrap_or(Err(OfferRefused::Busy))
            });
            // Whoever is told of a seat finds it again, whatever becomes of the program.
            if restart.is_none() {
                live.ports.cluster.written(session).await;
            }
            Answered {
                session,
                question,
                outcome: outcome.map(answer),
                restart,
            }
        }));
    }

    pub(super) fn take_answer(&mut self, answered: Answered) {
        let Answered {
            session,
            question,
            outcome,
            restart,
        } = answered;
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        if held.asked.take_if(|asked| *asked == question).is_none() {
            // A later offer, or a detachment, made this answer void.
            return;
        }
        match (outcome, restart) {
            (Ok(Some(answer)), _) => self.pass_on(session, answer),
            (Ok(None), _) => self.tell_where(session),
            (Err(OfferRefused::NotTheSame), Some(offer)) => {
                held.offer = Some(Offered::Fresh(offer));
                self.happen(Event::MediaRenewed { session });
            }
            (Err(OfferRefused::Busy), Some(_)) => {
                let detail = "the media plane is busy: offer again in a moment";
                self.refuse_offer(session, RefusedCode::TooFast, detail);
            }
            // The session keeps its seat for its return, which brings another offer.
            (Err(OfferRefused::Busy), None) => self.fail(session),
            // What a page sends after this is a fresh connection's offer.
            (Err(OfferRefused::Gone), _) => {
                let detail = "that connection is gone: offer a fresh one";
                self.refuse_offer(session, RefusedCode::BadOffer, detail);
            }
            (Err(OfferRefused::Malformed(_) | OfferRefused::NotTheSame), _) => {
                let detail = "the offer is not in the layout that PROTOCOL.md describes";
                self.refuse_offer(session, RefusedCode::BadOffer, detail);
            }
        }
        self.settle();
    }

    fn pass_on(&mut self, session: SessionId, answer: Private<String>) {
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        if held.socket.is_none() {
            held.unsent = Some(answer);
        } else if held.told == Told::Joined {
            let answer = answer.reveal().clone();
            self.say(session, ServerMessage::Answer { answer });
        } else {
            self.tell_joined(session, Some(answer));
        }
    }

    /// Tells a session of the seat or place that it has now, once that is written down.
    pub(super) fn tell_when_written(&mut self, session: SessionId) {
        let (known, answering) = oneshot::channel();
        // Nobody answers this but the records: the receiver is asked below.
        drop(known.send(Ok(())));
        self.ask(session, answering, |()| None, None);
    }

    /// What a session has is written down, and a prepared peer attached: whoever lost the socket meanwhile hears so on
    /// the next.
    fn tell_where(&mut self, session: SessionId) {
        let Some(held) = self.held.get(&session) else {
            return;
        };
        if held.socket.is_none() || held.told == Told::Joined {
            return;
        }
        if held.seat.is_some() {
            self.tell_joined(session, None);
        } else {
            self.tell_place(session);
            self.tell_countdown_to(session);
        }
    }

    fn fail(&mut self, session: SessionId) {
        tracing::warn!(
            call = self.id().0,
            session = session.0,
            "the media plane took no offer"
        );
        self.cut_off(session, Close::Failed);
    }

    /// Whoever was not told `joined` yet sits in the call without media, and may offer again.
    fn refuse_offer(&mut self, session: SessionId, code: RefusedCode, detail: &str) {
        if self
            .held
            .get(&session)
            .is_some_and(|held| held.told != Told::Joined)
        {
            self.tell_joined(session, None);
        }
        self.refuse(session, code, detail);
    }

    pub(super) fn refuse(&mut self, session: SessionId, code: RefusedCode, detail: &str) {
        let detail = detail.to_owned();
        self.say(session, ServerMessage::Refused { code, detail });
    }
}
