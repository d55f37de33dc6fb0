//! Plays the stories on a node: hundreds of reports and moves per unit of work, each at its own time, each decided by the
//! procedure in force. What is refused is told, not forced.

use super::cast::{Cast, Pictures};
use super::life::{Act, Beat, Report, Story, Whither, Who, World};
use super::prying::Prying;
use anlan_app::{App, Caller, Error, cases, reports};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Role;
use anlan_model::cases::{Case, Rating};
use anlan_model::clock::SetClock;
use anlan_model::events::{Event, Stamp};
use anlan_model::ids::{CaseId, MoveCode, ReasonCode};
use anlan_model::incoming::{Channel, Contact, Incoming};
use anlan_model::procedures::{Actor, Ground, MoveRequest};
use anlan_policy::Action;
use anlan_store::Tx;
use anlan_store::photos::NewPhoto;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Happenings per unit of work: enough that the disk is asked seldom, few enough that progress shows.
const BATCH: usize = 500;

/// Everything a play needs.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) cast: Arc<Cast>,
    pub(super) pictures: Arc<Pictures>,
    pub(super) world: Arc<World>,
    pub(super) stories: Arc<Vec<Story>>,
}

/// One happening: a story's report (`None`) or one of its beats.
type Cue = (Timestamp, usize, Option<usize>);

/// What a batch did.
#[derive(Debug, Default)]
struct Done {
    opened: Vec<(usize, CaseId)>,
    refused: Vec<String>,
}

impl Stage {
    /// Plays everything up to `now`, in order of time. Answers what was refused.
    pub(super) fn play(
        &self,
        app: &App,
        now: Timestamp,
        progress: &mut dyn FnMut(u64, u64),
    ) -> anyhow::Result<Vec<String>> {
        let clock = Arc::new(SetClock::at(now));
        let mut past = app.clone();
        past.clock = Arc::<SetClock>::clone(&clock);
        let cues = self.cues(now);
        let all = u64::try_from(cues.len()).unwrap_or(u64::MAX);
        let mut player = Player {
            stage: self.clone(),
            app: past,
            clock,
            known: BTreeMap::new(),
            refused: Vec::new(),
        };
        let (mut waiting, mut done) = (Vec::new(), 0);
        let mut prying = Prying::before(app, &self.cast, now);
        for cue in cues {
            if prying.is_due(cue.0) {
                player.batch(std::mem::take(&mut waiting))?;
                player.pry(&mut prying, cue.0)?;
            }
            if self.is_solo(cue) {
                player.batch(std::mem::take(&mut waiting))?;
                player.solo(cue)?;
            } else {
                waiting.push(cue);
            }
            if waiting.len() >= BATCH {
                player.batch(std::mem::take(&mut waiting))?;
                progress(done, all);
            }
            done += 1;
        }
        player.batch(waiting)?;
        player.pry(&mut prying, now)?;
        progress(all, all);
        Ok(player.refused)
    }

    fn cues(&self, now: Timestamp) -> Vec<Cue> {
        let mut cues: Vec<Cue> = Vec::new();
        for story in self.stories.iter() {
            cues.push((story.report.at, story.key, None));
            cues.extend(
                story
                    .beats
                    .iter()
                    .enumerate()
                    .map(|(index, beat)| (beat.at, story.key, Some(index))),
            );
        }
        cues.retain(|(at, ..)| *at < now);
        cues.sort_unstable();
        cues
    }

    fn story(&self, key: usize) -> Option<&Story> {
        self.stories.get(key)
    }

    fn beat(&self, (_, key, index): Cue) -> Option<&Beat> {
        self.story(key)?.beats.get(index?)
    }

    /// Actions that are a unit of work of their own.
    fn is_solo(&self, cue: Cue) -> bool {
        self.beat(cue)
            .is_some_and(|beat| matches!(beat.act, Act::Classify(_) | Act::Merge(_)))
    }
}

struct Player {
    stage: Stage,
    app: App,
    clock: Arc<SetClock>,
    known: BTreeMap<usize, CaseId>,
    refused: Vec<String>,
}

impl Player {
    fn batch(&mut self, cues: Vec<Cue>) -> anyhow::Result<()> {
        if cues.is_empty() {
            return Ok(());
        }
        let known = cues
            .iter()
            .filter_map(|(_, key, _)| self.known.get_key_value(key))
            .map(|(key, id)| (*key, *id))
            .collect();
        let batch = Batch {
            stage: self.stage.clone(),
            app: self.app.clone(),
            clock: Arc::clone(&self.clock),
            cues,
            known,
        };
        let done = self.app.store.write(move |tx| batch.run(tx))?;
        self.known.extend(done.opened);
        self.refused.extend(done.refused);
        Ok(())
    }

    fn pry(&mut self, prying: &mut Prying, at: Timestamp) -> anyhow::Result<()> {
        let mut known: Vec<CaseId> = self.known.values().copied().collect();
        known.sort_unstable();
        prying.go_on(&self.app, &self.clock, &known, at)
    }

    fn solo(&mut self, cue: Cue) -> anyhow::Result<()> {
        let (at, key, _) = cue;
        self.clock.set(at);
        let (Some(beat), Some(id)) = (self.stage.beat(cue), self.known.get(&key).copied()) else {
            return Ok(());
        };
        let case = self.app.store.read(|tx| anlan_store::cases::get(tx, id))?;
        let Some(duty) = self.stage.cast.caller(Who::Duty, &case) else {
            return Ok(());
        };
        let outcome = match &beat.act {
            Act::Classify(class) => {
                let edit = cases::EditCase {
                    version: case.version,
                    class: Some(class.clone()),
                    ..cases::EditCase::default()
                };
                cases::edit(&self.app, &duty, id, edit).map(drop)
            }
            Act::Merge(into) => match self.known.get(into) {
                Some(into) => cases::merge(&self.app, &duty, id, *into).map(drop),
                None => Ok(()),
            },
            _ => Ok(()),
        };
        match outcome {
            Err(error) if is_refusal(&error) => self.refused.push(format!("{at} {:?}: {error}", beat.act)),
            other => other?,
        }
        Ok(())
    }
}

/// A refusal is an answer; anything else is a fault.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error,
        Error::Denied { .. } | Error::Invalid { .. } | Error::Conflict { .. }
    )
}

/// One unit of work. May run more than once, so it changes nothing but the store.
struct Batch {
    stage: Stage,
    app: App,
    clock: Arc<SetClock>,
    cues: Vec<Cue>,
    known: BTreeMap<usize, CaseId>,
}

impl Batch {
    fn run(&self, tx: &mut Tx<'_>) -> Result<Done, Error> {
        let (mut known, mut done) = (self.known.clone(), Done::default());
        for cue in &self.cues {
            let (at, key, index) = *cue;
            self.clock.set(at);
            if index.is_none() {
                let opened = self.open(tx, key)?.map(|id| (key, id));
                known.extend(opened);
                done.opened.extend(opened);
            } else if let (Some(beat), Some(id)) = (self.stage.beat(*cue), known.get(&key)) {
                let scene = self.scene(key);
                match self.act(tx, *id, beat, scene) {
                    Err(error) if is_refusal(&error) => done
                        .refused
                        .push(format!("{at} {id} {:?} {:?}: {error}", beat.who, beat.act)),
                    other => other?,
                }
            }
        }
        self.access(tx, done.opened.len())?;
        Ok(done)
    }

    fn scene(&self, key: usize) -> &str {
        let matter = self
            .stage
            .story(key)
            .and_then(|story| self.stage.world.matters.get(story.matter));
        matter.map_or("", |matter| matter.scene.as_str())
    }

    fn open(&self, tx: &mut Tx<'_>, key: usize) -> Result<Option<CaseId>, Error> {
        let Some(story) = self.stage.story(key) else {
            return Ok(None);
        };
        let node = self.app.node();
        let cell = self.stage.world.county.cells.get(story.cell);
        let about = cell
            .filter(|_| story.report.is_about_street)
            .and_then(|cell| self.stage.cast.street(&cell.code));
        let by = self.writer(&story.report, key);
        let stamp = Stamp {
            at: story.report.at,
            by: by.and_then(|caller| caller.actor.account),
            post: None,
        };
        let incoming = incoming(&story.report, format!("demo-{key:05}"));
        let ready = reports::prepare(&self.app, &node, incoming, about, stamp)?;
        Ok(reports::take_in(tx, &ready)?.map(|(case, _)| case.id))
    }

    /// Who wrote the report down.
    fn writer(&self, report: &Report, key: usize) -> Option<Caller> {
        let turn = i64::try_from(key).unwrap_or(0);
        match report.channel {
            Channel::Hotline => self.stage.cast.of_role(Role::Clerk, turn),
            Channel::Worker => self.stage.cast.of_role(Role::Worker, turn),
            Channel::Office => self.stage.cast.of_role(Role::Officer, turn),
            Channel::Web | Channel::Import | Channel::Open311 => None,
        }
    }

    /// One entry for the reports of the batch, as imports do it.
    fn access(&self, tx: &mut Tx<'_>, count: usize) -> Result<(), Error> {
        if count == 0 {
            return Ok(());
        }
        let nobody = Caller::resident();
        let entry = Access {
            resource_id: "demo".to_owned(),
            purpose: Purpose::Case,
            ..self
                .entry(&nobody, Action::ReportCreate.code(), CaseId(0))
                .of_many(count)
        };
        Ok(anlan_store::accesses::append(tx, &entry)?)
    }

    fn act(&self, tx: &mut Tx<'_>, id: CaseId, beat: &Beat, scene: &str) -> Result<(), Error> {
        let case = anlan_store::cases::get(tx, id)?;
        let caller = self.stage.cast.caller(beat.who, &case);
        match (&beat.act, caller) {
            (Act::Move { .. }, Some(caller)) => {
                self.opened(tx, id, &caller)?;
                let request = self.request(&beat.act, &case);
                cases::move_in(&self.app, tx, &caller, id, case.version, &request).map(drop)
            }
            (Act::Move { .. }, None) => self.reporter(tx, &case, &self.request(&beat.act, &case), None),
            (
                Act::Rate {
                    stars,
                    is_fixed,
                    comment,
                },
                _,
            ) => {
                let rating = Rating {
                    stars: *stars,
                    is_fixed: *is_fixed,
                    comment: comment.clone(),
                    at: self.app.clock.now(),
                };
                let request = MoveRequest {
                    code: MoveCode::from("rate"),
                    note: comment.clone(),
                    ..MoveRequest::default()
                };
                self.reporter(tx, &case, &request, Some(rating))
            }
            (Act::Photo { shows }, Some(caller)) => self.photo(tx, &case, &caller, shows, scene),
            (Act::Remark(note), Some(caller)) => self.record(
                tx,
                &case,
                &[Event::NoteAdded { note: note.clone() }],
                &caller,
                "case.note",
            ),
            _ => Ok(()),
        }
    }

    /// An entry about a case as a door leaves it.
    fn entry(&self, caller: &Caller, action: &str, case: CaseId) -> Access {
        let is_staff = caller.actor.account.is_some();
        Access {
            at: self.app.clock.now(),
            actor: caller.actor.account,
            post: caller.post,
            office: caller.actor.office,
            action: action.to_owned(),
            resource: "case".to_owned(),
            resource_id: case.to_string(),
            purpose: if is_staff {
                Purpose::Case
            } else {
                Purpose::OwnReport
            },
            allowed: true,
            count: 1,
        }
    }

    /// Whoever moves a case has opened it.
    fn opened(&self, tx: &mut Tx<'_>, id: CaseId, caller: &Caller) -> Result<(), Error> {
        let entry = self.entry(caller, Action::CaseRead.code(), id);
        Ok(anlan_store::accesses::append(tx, &entry)?)
    }

    /// A move as the procedure takes it, with the offices this case means.
    fn request(&self, act: &Act, case: &Case) -> MoveRequest {
        let Act::Move {
            code,
            reason,
            rule,
            office,
            note,
        } = act
        else {
            return MoveRequest::default();
        };
        // There is nobody to confirm where only the centre has it.
        let is_unowned = *code == "arbitrate_confirm" && self.stage.cast.is_at_centre(case);
        let (code, office) = if is_unowned {
            ("arbitrate_redirect", Some(Whither::Other))
        } else {
            (*code, *office)
        };
        MoveRequest {
            code: MoveCode::from(code),
            note: note.clone(),
            reason: reason.map(ReasonCode::from),
            rule_cited: rule.clone(),
            office: office.and_then(|whither| self.stage.cast.whither(whither, case)),
            until: None,
        }
    }

    /// What the reporter does through the tracking link, in this unit of work.
    fn reporter(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        request: &MoveRequest,
        rating: Option<Rating>,
    ) -> Result<(), Error> {
        let node = self.app.node();
        let ground = Ground {
            now: self.app.clock.now(),
            calendar: &node.calendar,
            deadlines: &node.deadlines,
            class: case.class.as_ref().and_then(|code| node.classes.get(code)),
            centre: node.centre().map(|office| office.id),
            reporter_known: matches!(case.channel, Channel::Web | Channel::Hotline),
        };
        let actor = Actor {
            account: None,
            roles: &[Role::Resident],
            office: None,
        };
        let decided = node.procedure.decide(case, request, &actor, &ground);
        let event = decided.map_err(|refusal| Error::denied(refusal.code, refusal.zh, refusal.en))?;
        let events: Vec<Event> = std::iter::once(event)
            .chain(rating.map(|rating| Event::CaseRated { rating }))
            .collect();
        self.record(tx, case, &events, &Caller::resident(), "case.move")
    }

    fn photo(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        caller: &Caller,
        shows: &str,
        scene: &str,
    ) -> Result<(), Error> {
        let Some(picture) = self.stage.pictures.find(scene, shows == "after") else {
            return Ok(());
        };
        let new = NewPhoto {
            case: case.id,
            shows,
            full: &picture.full,
            thumb: &picture.thumb,
            width: picture.width,
            height: picture.height,
            at: self.app.clock.now(),
        };
        let photo = anlan_store::photos::insert(tx, &new)?;
        self.record(
            tx,
            case,
            &[Event::PhotoAdded {
                photo: photo.id,
                shows: shows.to_owned(),
            }],
            caller,
            "photo.add",
        )
    }

    fn record(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        events: &[Event],
        caller: &Caller,
        action: &str,
    ) -> Result<(), Error> {
        let at = self.app.clock.now();
        let stamp = Stamp {
            at,
            by: caller.actor.account,
            post: caller.post,
        };
        anlan_store::cases::record(tx, case, events, &stamp)?;
        let entry = self.entry(caller, action, case.id);
        Ok(anlan_store::accesses::append(tx, &entry)?)
    }
}

/// A story's report as a door would hand it in.
pub(super) fn incoming(report: &Report, id: String) -> Incoming {
    // No telephone numbers and no names: an address under a domain that can never exist.
    let contact = report.has_contact.then(|| Contact {
        name: None,
        phone: None,
        email: Some(format!("{id}@reporter.invalid")),
    });
    Incoming {
        channel: report.channel,
        source: if report.channel == Channel::Web {
            "web"
        } else {
            "desk"
        }
        .to_owned(),
        external_id: Some(id),
        class: report.class.clone(),
        title: report.title.clone(),
        description: report.description.clone(),
        address: Some(report.address.clone()),
        point: report.point,
        reported_at: report.at,
        contact,
        history: None,
        is_duplicate: false,
        is_default_point: false,
        facts: BTreeMap::from([("data".to_owned(), "demo 示范数据".to_owned())]),
    }
}
