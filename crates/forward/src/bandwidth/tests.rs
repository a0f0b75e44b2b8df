use super::*;

/// A way of `rate` bits a second with a queue of `room` bytes, that loses every `nth` packet.
struct Way {
    rate: u64,
    room: u64,
    nth: Option<u64>,
    free: u64,
    sent: u64,
}

impl Way {
    const fn of(rate: u64) -> Self {
        Self {
            rate,
            room: 1_000_000,
            nth: None,
            free: 0,
            sent: 0,
        }
    }

    /// When a packet sent at `now` comes, by a clock that is an hour ahead.
    fn carry(&mut self, size: u64, now: u64) -> Option<i64> {
        self.sent += 1;
        let waits = self.free.saturating_sub(now);
        if self.nth.is_some_and(|nth| self.sent.is_multiple_of(nth))
            || waits * self.rate / 8_000_000 > self.room
        {
            return None;
        }
        self.free = self.free.max(now) + size * 8_000_000 / self.rate;
        Some(i64::try_from(self.free + 20_000).expect("small") + 3_600_000_000)
    }
}

/// A receiver behind a way.
struct Stage {
    bandwidth: Bandwidth,
    way: Way,
    now: u64,
    under_way: Vec<(u16, Option<i64>)>,
}

impl Stage {
    fn new(way: Way) -> Self {
        Self {
            bandwidth: Bandwidth::default(),
            way,
            now: 1_000_000,
            under_way: Vec::new(),
        }
    }

    fn send(&mut self, size: u64) {
        let size_here = usize::try_from(size).expect("small");
        let number = self.bandwidth.send(size_here, Micros(self.now));
        let came = self.way.carry(size, self.now);
        self.under_way.push((number, came));
    }

    /// Sends `rate` bits a second for `ms` milliseconds, in packets of 1,000 bytes and a small one
    /// every 20 ms.
    fn run(&mut self, rate: u64, ms: u64) {
        let until = self.now + ms * 1_000;
        let mut owed = 0;
        while self.now < until {
            owed += rate / 8 / 200;
            while owed >= 1_000 {
                self.send(1_000);
                owed -= 1_000;
            }
            if self.now.is_multiple_of(20_000) {
                self.send(120);
            }
            self.now += 5_000;
            if self.now.is_multiple_of(50_000) {
                self.report();
            }
        }
    }

    /// Tells what came until now.
    fn report(&mut self) {
        let now = i64::try_from(self.now).expect("small") + 3_600_000_000;
        let seen = self
            .under_way
            .iter()
            .rposition(|(_, came)| came.is_some_and(|came| came <= now));
        if let Some(seen) = seen {
            let told: Vec<_> = self.under_way.drain(..=seen).collect();
            let came: Vec<_> = told.iter().map(|(_, came)| *came).collect();
            let now = Micros(self.now);
            self.bandwidth.reported(told[0].0, &came, now);
        }
        self.bandwidth.tick(Micros(self.now));
    }

    fn estimate(&self) -> u64 {
        self.bandwidth.estimate().expect("the receiver reports")
    }
}

#[test]
fn nothing_is_known_of_a_receiver_that_never_reports() {
    let mut bandwidth = Bandwidth::default();
    bandwidth.send(1_000, Micros(0));
    bandwidth.tick(Micros(60_000_000));
    assert_eq!(bandwidth.estimate(), None);
    bandwidth.reported(7_000, &[Some(1)], Micros(60_000_000));
    assert_eq!(bandwidth.estimate(), None, "of what was never sent");
}

#[test]
fn a_way_that_is_wide_enough_is_left_alone() {
    let mut stage = Stage::new(Way::of(20_000_000));
    stage.run(1_500_000, 10_000);
    assert!(stage.estimate() >= AT_FIRST, "{}", stage.estimate());
}

#[test]
fn a_narrow_way_is_noticed_within_a_second() {
    let mut stage = Stage::new(Way::of(20_000_000));
    stage.run(1_500_000, 5_000);
    stage.way.rate = 300_000;
    stage.run(1_500_000, 1_000);
    assert!(stage.estimate() < 320_000, "{}", stage.estimate());
    assert!(stage.bandwidth.queue() > 300_000);
    // It drains once less is sent, and then the estimate stays near what the way can carry.
    stage.run(20_000, 6_000);
    assert!(
        stage.bandwidth.queue() < 50_000,
        "{}",
        stage.bandwidth.queue()
    );
    stage.run(200_000, 10_000);
    assert!(
        (150_000..400_000).contains(&stage.estimate()),
        "{}",
        stage.estimate()
    );
}

#[test]
fn nothing_is_trusted_beyond_what_was_sent_but_by_a_probe() {
    let mut stage = Stage::new(Way::of(300_000));
    stage.run(1_500_000, 1_000);
    stage.way.rate = 20_000_000;
    stage.run(20_000, 3_000);
    stage.run(200_000, 30_000);
    let before = stage.estimate();
    assert!(before < 350_000, "{before}");
    assert!(stage.bandwidth.may_probe(Micros(stage.now)));
    stage.bandwidth.begin_probe(Micros(stage.now));
    stage.run(900_000, 100);
    stage.bandwidth.end_probe(Micros(stage.now));
    stage.run(200_000, 200);
    assert_eq!(stage.bandwidth.probed(), Some(Probed::Passed));
    assert!(
        (700_000..1_200_000).contains(&stage.estimate()),
        "{}",
        stage.estimate()
    );
}

#[test]
fn a_probe_that_does_not_come_through_changes_nothing() {
    let mut stage = Stage::new(Way::of(300_000));
    stage.run(1_500_000, 1_000);
    stage.run(20_000, 6_000);
    stage.run(200_000, 5_000);
    let before = stage.estimate();
    stage.bandwidth.begin_probe(Micros(stage.now));
    stage.run(900_000, 100);
    stage.bandwidth.end_probe(Micros(stage.now));
    stage.run(200_000, 1_500);
    assert_eq!(stage.bandwidth.probed(), Some(Probed::Failed));
    assert!(stage.estimate() <= before * 11 / 10);
}

#[test]
fn one_packet_in_twenty_lost_costs_nothing_and_one_in_four_does() {
    let mut stage = Stage::new(Way::of(20_000_000));
    stage.way.nth = Some(20);
    stage.run(1_500_000, 5_000);
    assert!(stage.estimate() >= AT_FIRST, "{}", stage.estimate());
    stage.way.nth = Some(4);
    stage.run(1_500_000, 2_000);
    assert!(stage.estimate() < 1_500_000, "{}", stage.estimate());
}

#[test]
fn a_receiver_that_falls_silent_is_sent_less_and_less() {
    let mut stage = Stage::new(Way::of(20_000_000));
    stage.run(1_500_000, 2_000);
    let last = stage.now;
    for n in 0..20u64 {
        stage.bandwidth.tick(Micros(last + 1_000_001 + n * 400_000));
    }
    assert_eq!(stage.estimate(), LEAST);
}
