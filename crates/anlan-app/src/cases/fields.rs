//! What of a case is shown to whom: fields that policy keeps back are emptied before the case leaves the application.
//! Only here; a door shows what it is given.

use super::CaseFile;
use anlan_model::cases::Case;
use anlan_model::events::Event;
use anlan_model::places::Place;
use anlan_policy::{FieldRows, FieldRule};

/// Empties what the rule does not show.
pub(super) fn veil_file(file: &mut CaseFile, shown: &FieldRows) {
    let rule = shown.on(&file.case);
    veil_as(&mut file.case, rule);
    if !rule.photos {
        file.photos.clear();
    }
    for report in &mut file.reports {
        if !rule.words {
            report.description.clear();
            report.facts.clear();
        }
    }
    for happened in &mut file.timeline {
        veil_event(&mut happened.event, rule);
    }
}

/// The same of a case alone. A title is the reporter's words too: the number stands for it.
pub(crate) fn veil(case: &mut Case, shown: &FieldRows) {
    veil_as(case, shown.on(case));
}

fn veil_as(case: &mut Case, rule: FieldRule) {
    if !rule.words {
        case.title = case.number();
        if let Some(closing) = &mut case.closing {
            closing.note.clear();
        }
        if let Some(rating) = &mut case.rating {
            rating.comment.clear();
        }
    }
    veil_place(&mut case.place, rule);
}

fn veil_place(place: &mut Place, rule: FieldRule) {
    if !rule.place {
        place.point = None;
        place.error_m = None;
        place.address = None;
        place.other_cells.clear();
    }
}

fn veil_event(event: &mut Event, rule: FieldRule) {
    match event {
        Event::CaseOpened(opened) => {
            if !rule.words {
                opened.title.clear();
                if let Some(closing) = &mut opened.closing {
                    closing.note.clear();
                }
            }
            veil_place(&mut opened.place, rule);
        }
        Event::CasePlaced { place, .. } => veil_place(place, rule),
        Event::CaseMoved(moved) if !rule.words => moved.note.clear(),
        Event::NoteAdded { note } if !rule.words => note.clear(),
        Event::CaseRated { rating } if !rule.words => rating.comment.clear(),
        _ => {}
    }
}
