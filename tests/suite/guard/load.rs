//! Callers who ask without a pause, while something happens to the server or to what it depends on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::read;
use crate::http::conversation::Conversation;
use crate::service::Service;

const GREETING: &str = "skill://greeting/SKILL.md";

/// Asks from some clients, as long as the work takes; how many answers there were of each status.
pub(super) fn load(service: &Service, key: &str, work: impl FnOnce()) -> BTreeMap<u16, usize> {
    let is_over = AtomicBool::new(false);
    let address = service.address();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let bearer = format!("Bearer {key}");
                let (is_over, asked) = (&is_over, read(GREETING).with("Authorization", &bearer));
                scope.spawn(move || {
                    let mut conversation = Conversation::connect(address);
                    let mut statuses = Vec::new();
                    while !is_over.load(Ordering::Relaxed) {
                        conversation.write(&asked.bytes());
                        let Some(answer) = conversation.answer_if_any() else {
                            break;
                        };
                        statuses.push(answer.status);
                    }
                    statuses
                })
            })
            .collect();
        work();
        is_over.store(true, Ordering::Relaxed);
        let mut answers = BTreeMap::new();
        for status in clients
            .into_iter()
            .flat_map(|client| client.join().expect("a client"))
        {
            *answers.entry(status).or_default() += 1;
        }
        answers
    })
}
