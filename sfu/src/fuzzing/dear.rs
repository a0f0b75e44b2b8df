//! Offers that mean to be dear: a browser's, filled up to the longest that is read.

use crate::sdp::LONGEST_OFFER;

const PLAIN: &str = include_str!("../../tests/offers/werift.sdp");

/// Each by its shape.
pub(super) fn offers() -> Vec<(&'static str, String)> {
    let mut offers = attributes();
    offers.extend(formats());
    offers.extend(sizes());
    offers.push(("plain", PLAIN.to_owned()));
    offers
}

/// One attribute over and over, in one section and in all of them.
fn attributes() -> Vec<(&'static str, String)> {
    let sha_256 = format!("a=fingerprint:sha-256 {}AB\n", "AB:".repeat(31));
    let sha_512 = format!("a=fingerprint:sha-512 {}AB\n", "AB:".repeat(63));
    let nearly = format!("a=fingerprint:sha-256 {}A\n", "AB:".repeat(31));
    let lines: [(&str, &str); 20] = [
        ("attributes without a name", "a=\n"),
        ("attributes", "a=x\n"),
        ("values", "a=x:y\n"),
        ("empty lines", "\n"),
        ("lines of no use", "b=\n"),
        ("candidates", "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\n"),
        ("certificates", &sha_256),
        ("certificates of another hash", &sha_512),
        ("certificates cut short", &nearly),
        ("extensions", "a=extmap:1 x\n"),
        (
            "one extension",
            "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\n",
        ),
        ("sources", "a=ssrc:x\n"),
        ("groups of sources", "a=ssrc-group:FID x\n"),
        ("groups", "a=group:BUNDLE 0 1 2\n"),
        ("names", "a=mid:x\n"),
        ("tracks", "a=msid:- -\n"),
        ("layers", "a=rid:q send\n"),
        ("feedback", "a=rtcp-fb:* nack pli\n"),
        ("maps", "a=rtpmap:96 x\n"),
        ("formats of one type", "a=fmtp:96 x\n"),
    ];
    let mut offers = Vec::new();
    for (shape, line) in lines {
        offers.push((shape, filled(line)));
        offers.push((shape, filled_everywhere(line)));
    }
    offers
}

/// `PLAIN` with as much of `line` in its first section of a picture as fits.
fn filled(line: &str) -> String {
    let room = LONGEST_OFFER - PLAIN.len();
    let lines = line.repeat(room / line.len());
    PLAIN.replacen("a=mid:1\r\n", &format!("a=mid:1\r\n{lines}"), 1)
}

/// `PLAIN` with as much of `line` in each section as fits.
fn filled_everywhere(line: &str) -> String {
    let room = (LONGEST_OFFER - PLAIN.len()) / 12;
    let lines = line.repeat(room / line.len());
    PLAIN.replace("a=rtcp-mux\r\n", &format!("a=rtcp-mux\r\n{lines}"))
}

/// Every payload type a codec with parameters as long as can be.
fn formats() -> Vec<(&'static str, String)> {
    let shapes = [
        ("parameters of H.264", "H264/90000", "x=1;"),
        ("parameters of VP9", "VP9/90000", ";"),
        ("parameters of retransmissions", "rtx/90000", "apt;"),
        ("redundant sound", "red/48000/2", "111/"),
    ];
    let list: String = (0..128).map(|number| format!(" {number}")).collect();
    let mut offers = Vec::new();
    for (shape, codec, part) in shapes {
        let maps: String = (0..96)
            .map(|number| format!("a=rtpmap:{number} {codec}\n"))
            .collect();
        let room = LONGEST_OFFER - PLAIN.len() - maps.len() - list.len() - 2_000;
        let short = part.repeat(room / 96 / part.len());
        let many: String = (0..96)
            .map(|number| format!("a=fmtp:{number} {short}\n"))
            .collect();
        let one = format!("a=fmtp:1 {}\n", part.repeat(room / part.len()));
        for lines in [many, one] {
            for (kind, mid) in [("audio", "a=mid:0\r\n"), ("video", "a=mid:1\r\n")] {
                let media = format!("m={kind} 9 UDP/TLS/RTP/SAVPF");
                let text = PLAIN.replacen(&media, &format!("{media}{list}"), 1);
                let formats = text.find(&list).map_or(0, |at| at + list.len());
                // What was listed before would be too many.
                let end = text[formats..].find('\r').map_or(0, |at| formats + at);
                let own = &text[formats..end];
                let text = text.replacen(&format!("{list}{own}"), &list, 1);
                offers.push((shape, text.replacen(mid, &format!("{mid}{maps}{lines}"), 1)));
            }
        }
    }
    offers
}

/// One thing as long as can be.
fn sizes() -> Vec<(&'static str, String)> {
    let room = LONGEST_OFFER - PLAIN.len() - 100;
    let in_section = |line: &str| PLAIN.replacen("a=mid:1\r\n", &format!("a=mid:1\r\n{line}"), 1);
    let simulcast = format!("a=simulcast:send {}\n", "~,;".repeat(room / 3));
    let format_words = PLAIN.replacen(
        "UDP/TLS/RTP/SAVPF ",
        &format!("UDP/TLS/RTP/SAVPF {}", "1 ".repeat(room / 2)),
        1,
    );
    // Formats and attributes together, in one section.
    let product = PLAIN
        .replacen(
            "UDP/TLS/RTP/SAVPF ",
            &format!("UDP/TLS/RTP/SAVPF {}", "1 ".repeat(room / 4)),
            1,
        )
        .replacen(
            "a=mid:0\r\n",
            &format!("a=mid:0\r\n{}", "a=x\r\n".repeat(room / 10)),
            1,
        );
    vec![
        ("layers of a camera", in_section(&simulcast)),
        (
            "one long value",
            in_section(&format!("a=x:{}\n", "y".repeat(room))),
        ),
        (
            "spaces",
            in_section(&format!("a=ssrc:{}\n", " ".repeat(room))),
        ),
        ("formats", format_words),
        ("formats and attributes", product),
        (
            "1,000 sections",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(1_000),
        ),
        (
            "sections without anything",
            "m=\n".repeat(LONGEST_OFFER / 3),
        ),
        ("12 sections without anything", "m=\n".repeat(12)),
        ("no description", "=".repeat(LONGEST_OFFER)),
        ("no lines", "\r".repeat(LONGEST_OFFER)),
        (
            "10,000 candidates",
            filled("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\n").repeat(11),
        ),
        ("a megabyte", "a=x\r\n".repeat(210_000)),
    ]
}
