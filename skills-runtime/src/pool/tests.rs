//! Pools: who gets what, one at a time, against a model, and by many threads at once.

use proptest::prelude::*;

use super::*;

const SHARES: Shares = Shares {
    total: 64,
    share: 24,
    floor: 1,
    reserve: 4,
};

/// What a client gets that takes one after the other until it gets no more.
fn all_of(pool: &Arc<Pool<u32>>, client: u32) -> Vec<Lease<u32>> {
    std::iter::from_fn(|| pool.take(Some(&client), 1).ok()).collect()
}

#[test]
fn one_client_gets_its_share_and_no_more() {
    let pool = Pool::new(SHARES);
    let held = all_of(&pool, 1);
    assert_eq!(held.len(), 24);
    assert_eq!(pool.take(Some(&1), 1).err(), Some(Exhausted::Share));
    drop(held);
    assert_eq!(pool.taken(), 0);
    assert_eq!(all_of(&pool, 1).len(), 24);
}

#[test]
fn eight_greedy_clients_leave_room_for_others() {
    for total in [64, 512, 4096] {
        let pool = Pool::new(Shares::of_count(total, total / 8));
        let greedy: Vec<_> = (0..8).flat_map(|client| all_of(&pool, client)).collect();
        assert!(
            greedy.len() as u64 <= total * 7 / 8,
            "{} of {total}",
            greedy.len()
        );
        assert!(all_of(&pool, 9).len() as u64 > total / 100, "{total}");
    }
}

#[test]
fn the_reserve_is_for_those_who_hold_nothing() {
    let pool = Pool::new(Shares {
        share: 64,
        ..SHARES
    });
    let crowd: Vec<_> = (0..60)
        .map(|client| pool.take(Some(&client), 1).unwrap())
        .collect();
    assert_eq!(pool.take(Some(&0), 1).err(), Some(Exhausted::Total));
    assert_eq!(pool.take(None, 1).err(), Some(Exhausted::Total));
    let newcomers: Vec<_> = (60..64)
        .map(|client| pool.take(Some(&client), 1).unwrap())
        .collect();
    assert_eq!(pool.take(Some(&64), 1).err(), Some(Exhausted::Total));
    drop((crowd, newcomers));
    assert_eq!(pool.taken(), 0);
}

#[test]
fn those_who_are_not_told_apart_share_all_but_the_reserve() {
    let pool = Pool::<u32>::new(SHARES);
    let many: Vec<_> = std::iter::from_fn(|| pool.take(None, 1).ok()).collect();
    assert_eq!(many.len(), 60);
    assert!(pool.take(Some(&1), 1).is_ok(), "the reserve is left");
}

#[test]
fn a_lease_grows_within_the_share_and_is_given_back_whole() {
    let pool = Pool::new(SHARES);
    let mut lease = pool.take(Some(&1), 10).unwrap();
    lease.grow(14).unwrap();
    assert_eq!(lease.grow(1), Err(Exhausted::Share));
    assert_eq!((lease.weight(), pool.taken()), (24, 24));
    drop(lease);
    assert_eq!(pool.taken(), 0);
}

#[test]
fn a_pool_of_two_can_be_used_up_by_one_client() {
    let pool = Pool::new(Shares::of_count(2, 512));
    let both = all_of(&pool, 1);
    assert_eq!(both.len(), 2);
    assert_eq!(pool.take(Some(&2), 1).err(), Some(Exhausted::Total));
}

/// What can be done to a pool.
#[derive(Clone, Copy, Debug)]
enum Step {
    Take(Option<u8>, u64),
    Grow(usize, u64),
    Drop(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (prop::option::weighted(0.8, 0..6_u8), 0..20_u64)
            .prop_map(|(client, weight)| Step::Take(client, weight)),
        (0..32_usize, 0..20_u64).prop_map(|(index, weight)| Step::Grow(index, weight)),
        (0..32_usize).prop_map(Step::Drop),
    ]
}

/// A pool as the rule of the module says it in words, without locks or counters.
#[derive(Debug)]
struct Model {
    shares: Shares,
    leases: Vec<(Option<u8>, u64)>,
}

impl Model {
    fn taken(&self) -> u64 {
        self.leases.iter().map(|(_, weight)| weight).sum()
    }

    fn held(&self, client: u8) -> u64 {
        let own = self
            .leases
            .iter()
            .filter(|(holder, _)| *holder == Some(client));
        own.map(|(_, weight)| weight).sum()
    }

    fn allows(&self, client: Option<u8>, weight: u64) -> bool {
        let Shares {
            total,
            share,
            floor,
            reserve,
        } = self.shares;
        let after = self.taken() + weight;
        if weight == 0 {
            return true;
        }
        let is_within = after <= total;
        let is_modest = client.is_some_and(|client| self.held(client) + weight <= floor);
        let leaves_reserve = after + reserve <= total;
        // What it may hold is to its share as twice what is left is to all, the reserve aside.
        let is_fair = client.is_none_or(|client| {
            let wanted = self.held(client) + weight;
            let left = total.saturating_sub(self.taken() + reserve);
            wanted <= share && wanted * (total - reserve) <= share * 2 * left
        });
        is_within && (is_modest || leaves_reserve && is_fair)
    }
}

proptest! {
    #[test]
    fn a_pool_decides_as_its_model_does(
        total in 8..200_u64,
        share in 1..200_u64,
        floor in 0..8_u64,
        reserve in 0..7_u64,
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let shares = Shares { total, share: share.min(total), floor: floor.min(share), reserve };
        let pool = Pool::new(shares);
        let mut model = Model { shares, leases: Vec::new() };
        let mut leases = Vec::new();
        for step in steps {
            match step {
                Step::Take(client, weight) => {
                    let taken = pool.take(client.as_ref(), weight);
                    prop_assert_eq!(taken.is_ok(), model.allows(client, weight), "{:?} of {:?}", step, model);
                    if let Ok(lease) = taken {
                        leases.push(lease);
                        model.leases.push((client, weight));
                    }
                }
                Step::Grow(index, weight) if index < leases.len() => {
                    let client = model.leases[index].0;
                    let grown = leases[index].grow(weight).is_ok();
                    prop_assert_eq!(grown, model.allows(client, weight), "{:?} of {:?}", step, model);
                    if grown {
                        model.leases[index].1 += weight;
                    }
                }
                Step::Drop(index) if index < leases.len() => {
                    leases.swap_remove(index);
                    model.leases.swap_remove(index);
                }
                _ => {}
            }
            prop_assert_eq!(pool.taken(), model.taken());
            prop_assert!(pool.taken() <= total);
        }
        drop(leases);
        prop_assert_eq!(pool.taken(), 0);
        for shard in &pool.shards {
            let shard = shard.lock().unwrap();
            prop_assert!(shard.holders.values().all(|held| held.load(Ordering::Acquire) == 0));
        }
    }
}

#[test]
fn threads_that_take_and_give_back_at_once_leave_nothing_behind() {
    let pool = Pool::new(SHARES);
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let pool = &pool;
            scope.spawn(move || {
                for round in 0..5000 {
                    let client = (thread + round) % 3;
                    let lease = pool.take(Some(&client), u64::from(round % 7));
                    assert!(pool.taken() <= SHARES.total);
                    drop(lease);
                }
            });
        }
    });
    assert_eq!(pool.taken(), 0);
}

#[test]
fn clients_that_hold_nothing_are_forgotten() {
    let pool = Pool::new(SHARES);
    let kept = pool.take(Some(&0), 1).unwrap();
    for client in 1..1_000_000 {
        drop(pool.take(Some(&client), 1).unwrap());
    }
    let known = |shard: &Mutex<Shard<u32>>| shard.lock().unwrap().holders.len();
    let known: usize = pool.shards.iter().map(known).sum();
    assert!(known <= SHARDS * CROWD, "{known}");
    drop(kept);
    assert_eq!(pool.taken(), 0);
}
