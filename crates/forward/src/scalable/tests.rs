//! Layers chosen from streams made here, and from streams that Chromium sent.

mod streams;

use super::*;

#[test]
fn layers_are_more_frames_first_and_larger_pictures_then() {
    let level = |spatial, temporal| Level { spatial, temporal };
    for (most, expected) in [
        (
            level(2, 2),
            vec![(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 2)],
        ),
        (level(0, 2), vec![(0, 0), (0, 1), (0, 2), (0, 2)]),
        (level(2, 0), vec![(0, 0), (1, 0), (2, 0), (2, 0)]),
        (level(1, 1), vec![(0, 0), (0, 1), (1, 1), (1, 1)]),
    ] {
        for (index, (spatial, temporal)) in (0u8..).zip(expected) {
            let found = Level::of_layer(index, most);
            assert_eq!(found, level(spatial, temporal), "{index} of {most:?}");
            assert!(found.layer() <= index && most.holds(found));
        }
    }
    assert!(level(MOST - 1, MOST - 1).layers() <= LAYERS);
}

#[test]
fn a_layer_is_as_much_as_all_that_it_needs() {
    let most = Level {
        spatial: 1,
        temporal: 0,
    };
    let frame = |spatial| Frame {
        number: 0,
        level: Level {
            spatial,
            temporal: 0,
        },
        most,
        ends: true,
        is_key: false,
        references: References::default(),
        switches: Levels::default(),
    };
    let mut layers = Layers {
        most,
        ..Layers::default()
    };
    for n in 0..300 {
        layers.came(&frame(0), 1_250, Micros(n * 10_000));
        if n < 250 {
            layers.came(&frame(1), 2_500, Micros(n * 10_000));
        }
    }
    let [Some(low), Some(high), None, ..] = layers.layers(Micros(2_700_000)).expect("two") else {
        panic!("two layers")
    };
    assert!((990_000..=1_010_000).contains(&low.rate.expect("measured")));
    assert!(high.rate.expect("measured") > 1_500_000);
    assert!(low.flows && !high.flows, "nothing came of the larger");
}
