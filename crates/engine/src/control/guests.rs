//! Who may come in, to do what, and how much room each has: one user of the machine takes nobody
//! else's place.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

use dequeue_api::{
    Rights, Seat,
    socket::{LOOKING_OCTETS, REQUEST_OCTETS},
};
use dequeue_platform::peer::{Peer, Standing};
use tokio::sync::Semaphore;

/// Requests of one client that are answered side by side.
pub(super) const REQUESTS: usize = 64;
/// The same of one user who may only look, over all of that user's clients.
pub(super) const LOOKING_REQUESTS: usize = 32;
/// Clients at once of one user who may only look: a tray, a window and some terminals.
const LOOKING: usize = 24;
/// The same of all such users together; what [`super::CLIENTS`] leaves is for the others.
const ALL_LOOKING: usize = 96;

/// Whom an engine is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// The user whose engine it is, and administrators.
    User,
    /// Everyone on the machine.
    Machine,
}

impl Audience {
    /// What a user may do who stands so to this process; nothing at all where there is none.
    fn rights(self, standing: Standing) -> Option<Rights> {
        match (self, standing) {
            (_, Standing::Administrator) | (Self::Machine, Standing::Ourselves) => {
                Some(Rights::Administer)
            }
            (Self::User, Standing::Ourselves) | (Self::Machine, Standing::OurGroup) => {
                Some(Rights::Change)
            }
            (Self::Machine, Standing::Stranger) => Some(Rights::Look),
            (Self::User, Standing::OurGroup | Standing::Stranger) => None,
        }
    }

    fn seat(self, peer: &Peer) -> Seat {
        match self {
            Self::User => Seat::default(),
            Self::Machine => {
                let mut hasher = DefaultHasher::new();
                (&peer.user, peer.session).hash(&mut hasher);
                Seat(hasher.finish())
            }
        }
    }
}

/// What a client has been granted.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) rights: Rights,
    pub(super) seat: Seat,
    /// Octets of its longest request.
    pub(super) longest: u32,
    /// Room for the requests that are answered side by side.
    pub(super) room: Arc<Semaphore>,
    /// Given back when the client leaves.
    _place: Option<Place>,
}

/// The users who may only look, and are there.
#[derive(Debug, Default)]
pub(super) struct Guests(Mutex<HashMap<String, Guest>>);

#[derive(Debug)]
struct Guest {
    clients: usize,
    room: Arc<Semaphore>,
}

impl Guest {
    /// Whether anything of the user's goes on. What was asked for may outlast the client.
    fn is_here(&self) -> bool {
        self.clients > 0 || self.room.available_permits() < LOOKING_REQUESTS
    }
}

/// A client of such a user.
#[derive(Debug)]
struct Place {
    guests: Arc<Guests>,
    user: String,
}

impl Guests {
    /// Lets a client in; `None` where it has no business here, or there is no room for another one
    /// of its user's.
    pub(super) fn admit(self: &Arc<Self>, peer: &Peer, audience: Audience) -> Option<Grant> {
        let rights = audience.rights(peer.standing)?;
        let seat = audience.seat(peer);
        if rights > Rights::Look {
            return Some(Grant {
                rights,
                seat,
                longest: REQUEST_OCTETS,
                room: Arc::new(Semaphore::new(REQUESTS)),
                _place: None,
            });
        }
        let mut guests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        guests.retain(|_, guest| guest.is_here());
        let all: usize = guests.values().map(|guest| guest.clients).sum();
        let guest = guests.entry(peer.user.clone()).or_insert_with(|| Guest {
            clients: 0,
            room: Arc::new(Semaphore::new(LOOKING_REQUESTS)),
        });
        if guest.clients >= LOOKING || all >= ALL_LOOKING {
            return None;
        }
        guest.clients += 1;
        Some(Grant {
            rights,
            seat,
            longest: LOOKING_OCTETS,
            room: guest.room.clone(),
            _place: Some(Place {
                guests: self.clone(),
                user: peer.user.clone(),
            }),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut guests = (self.guests.0.lock()).unwrap_or_else(PoisonError::into_inner);
        if let Some(guest) = guests.get_mut(&self.user) {
            guest.clients -= 1;
        }
        guests.retain(|_, guest| guest.is_here());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(user: &str, standing: Standing) -> Peer {
        Peer {
            user: user.to_owned(),
            session: 0,
            standing,
        }
    }

    #[test]
    fn who_may_do_what() {
        let rights = |audience: Audience| {
            [
                Standing::Administrator,
                Standing::Ourselves,
                Standing::OurGroup,
                Standing::Stranger,
            ]
            .map(|standing| audience.rights(standing))
        };
        let (look, change) = (Some(Rights::Look), Some(Rights::Change));
        let all = Some(Rights::Administer);
        assert_eq!(rights(Audience::User), [all, change, None, None]);
        assert_eq!(rights(Audience::Machine), [all, all, change, look]);
    }

    #[test]
    fn nobody_takes_the_place_of_others() {
        let guests = Arc::new(Guests::default());
        let admit = |user: &str| {
            let peer = peer(user, Standing::Stranger);
            guests.admit(&peer, Audience::Machine)
        };
        let mut greedy: Vec<Grant> = (0..LOOKING).filter_map(|_| admit("1")).collect();
        assert_eq!(greedy.len(), LOOKING);
        assert!(admit("1").is_none());
        let other = admit("2").unwrap();
        assert!(!Arc::ptr_eq(&other.room, &greedy[0].room));
        assert!(Arc::ptr_eq(&greedy[1].room, &greedy[0].room));
        greedy.pop();
        greedy.push(admit("1").unwrap());
        // Many users together leave room for those who keep the machine.
        let mut many = Vec::new();
        while let Some(grant) = admit(&format!("user {}", many.len())) {
            many.push(grant);
        }
        assert_eq!(greedy.len() + 1 + many.len(), ALL_LOOKING);
        const { assert!(ALL_LOOKING < super::super::CLIENTS) };
        let administrator = peer("0", Standing::Administrator);
        assert!(guests.admit(&administrator, Audience::Machine).is_some());
        // Whoever leaves before the answer has no new room for that.
        let asked = other.room.clone().try_acquire_owned().unwrap();
        drop((greedy, other, many));
        let room = guests.0.lock().unwrap()["2"].room.clone();
        assert_eq!(room.available_permits(), LOOKING_REQUESTS - 1);
        drop(asked);
        drop(admit("3"));
        assert!(guests.0.lock().unwrap().is_empty());
    }

    #[test]
    fn each_user_and_session_has_a_seat_at_the_services_engine() {
        let seat = |user: &str, session| {
            let standing = Standing::Stranger;
            let user = user.to_owned();
            Audience::Machine.seat(&Peer {
                user,
                session,
                standing,
            })
        };
        assert_eq!(seat("1", 1), seat("1", 1));
        assert_ne!(seat("1", 1), seat("1", 2));
        assert_ne!(seat("1", 1), seat("2", 1));
        let own = peer("1", Standing::Ourselves);
        assert_eq!(Audience::User.seat(&own), Seat::default());
    }
}
