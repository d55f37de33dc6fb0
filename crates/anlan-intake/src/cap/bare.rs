//! A document without the blanks of its layout, as it may have been before somebody laid it out. What it says stays the same: a
//! blank inside an element that holds only text is kept.

use quick_xml::Reader;
use quick_xml::events::Event;

/// What stands on one side of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Begin,
    End,
    Text,
    Other,
}

/// The document without blanks between its elements and without what stands before its root, but for the declaration. A document
/// that breaks comes back as far as it goes.
pub(super) fn without_layout(text: &str) -> String {
    let mut reader = Reader::from_str(text);
    let mut out = String::with_capacity(text.len());
    let (mut before, mut depth, mut held) = (Side::Other, 0_usize, "");
    loop {
        let from = at(reader.buffer_position());
        let Ok(event) = reader.read_event() else { break };
        let raw = text.get(from..at(reader.buffer_position())).unwrap_or_default();
        let side = match event {
            Event::Text(_) if raw.trim_ascii().is_empty() && before != Side::Text && depth > 0 => {
                held = raw;
                continue;
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => Side::Text,
            Event::Start(_) => Side::Begin,
            Event::End(_) => Side::End,
            Event::Eof => break,
            _ => Side::Other,
        };
        // A blank is layout unless it is all that an element holds, or part of its text.
        if side == Side::Text || (before == Side::Begin && side == Side::End) {
            out.push_str(held);
        }
        held = "";
        let is_kept = depth > 0 || matches!(event, Event::Start(_) | Event::Empty(_) | Event::Decl(_));
        if is_kept {
            out.push_str(raw);
        }
        depth = match side {
            Side::Begin => depth + 1,
            Side::End => depth.saturating_sub(1),
            Side::Text | Side::Other => depth,
        };
        before = side;
    }
    out
}

fn at(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_goes_and_texts_stay() {
        for (text, bare) in [
            (
                "<?xml version='1.0'?>\n<?style x?>\n<a>\n <b> c </b>\n <d> </d>\n</a>\n",
                "<?xml version='1.0'?><a><b> c </b><d> </d></a>",
            ),
            (
                "<a> <b>&lt; &gt; <![CDATA[x]]> </b></a>",
                "<a><b>&lt; &gt; <![CDATA[x]]> </b></a>",
            ),
            ("<a>\n<b/>\n<!-- c -->\n</a>", "<a><b/><!-- c --></a>"),
        ] {
            assert_eq!(without_layout(text), bare);
        }
    }
}
