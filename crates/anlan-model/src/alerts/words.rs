//! The closed lists of words that a message is made of, as the protocol writes them; the gravest of a scale first.

use serde::{Deserialize, Serialize};

/// A word of a closed list.
pub trait Word: Copy + Sized + 'static {
    /// All of the list, in its order.
    const ALL: &'static [Self];

    /// As the protocol writes it.
    fn word(self) -> &'static str;

    /// The one that the protocol writes so.
    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.word() == word)
    }
}

macro_rules! words {
    ($name:ident: $($word:ident),* $(,)?) => {
        impl Word for $name {
            const ALL: &'static [Self] = &[$(Self::$word),*];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$word => stringify!($word)),*
                }
            }
        }
    };
}

/// How serious a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AlertStatus {
    /// Real: people are to act.
    Actual,
    /// For those who take part in an exercise.
    Exercise,
    /// For the systems that pass messages on.
    System,
    /// For trying; nobody acts.
    Test,
    /// Not finished.
    Draft,
}

words!(AlertStatus: Actual, Exercise, System, Test, Draft);

/// What a message does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MessageKind {
    /// It is the first of its matter.
    Alert,
    /// It takes the place of others.
    Update,
    /// It ends others.
    Cancel,
    /// It says that others were received.
    Ack,
    /// It says that others were not understood.
    Error,
}

words!(MessageKind: Alert, Update, Cancel, Ack, Error);

/// Whom a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AlertScope {
    /// Everybody.
    Public,
    /// Those whom its restriction names.
    Restricted,
    /// Its addressees.
    Private,
}

words!(AlertScope: Public, Restricted, Private);

/// Kinds of hazard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AlertCategory {
    /// The earth: earthquakes, landslides.
    Geo,
    /// The weather, floods with it.
    Met,
    /// Safety of the public in general.
    Safety,
    /// Law enforcement, military and private security.
    Security,
    /// Rescue and recovery.
    Rescue,
    /// Fire.
    Fire,
    /// Health.
    Health,
    /// Pollution and other harm to the environment.
    Env,
    /// Traffic.
    Transport,
    /// Supply, telecommunication, other infrastructure.
    Infra,
    /// Chemical, biological, radiological, nuclear, explosive.
    CBRNE,
    /// Anything else.
    Other,
}

words!(AlertCategory: Geo, Met, Safety, Security, Rescue, Fire, Health, Env, Transport, Infra, CBRNE, Other);

/// What people should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Response {
    /// Stay inside or go there.
    Shelter,
    /// Leave.
    Evacuate,
    /// Get ready.
    Prepare,
    /// Do what the instruction says.
    Execute,
    /// Keep away.
    Avoid,
    /// Keep informed.
    Monitor,
    /// Judge for themselves. Not to be used with the public.
    Assess,
    /// The hazard is over.
    AllClear,
    /// Nothing.
    None,
}

words!(Response: Shelter, Evacuate, Prepare, Execute, Avoid, Monitor, Assess, AllClear, None);

/// How soon people should act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Urgency {
    /// At once.
    Immediate,
    /// Within the next hour.
    Expected,
    /// In the near future.
    Future,
    /// No more.
    Past,
    /// Not known.
    Unknown,
}

words!(Urgency: Immediate, Expected, Future, Past, Unknown);

/// How bad it is or will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Extraordinary.
    Extreme,
    /// Significant.
    Severe,
    /// Possible.
    Moderate,
    /// Little or none.
    Minor,
    /// Not known.
    Unknown,
}

words!(Severity: Extreme, Severe, Moderate, Minor, Unknown);

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Certainty {
    /// It has happened or goes on.
    Observed,
    /// More likely than not.
    Likely,
    /// Possible.
    Possible,
    /// Not expected.
    Unlikely,
    /// Not known.
    Unknown,
}

words!(Certainty: Observed, Likely, Possible, Unlikely, Unknown);
