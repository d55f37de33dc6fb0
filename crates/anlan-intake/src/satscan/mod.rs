//! SaTScan's projects in and its result files out: parameter file, data files, faults; and tables of counts over time. No
//! statistics are made here.

pub mod analysis;
pub mod choices;
mod counts;
pub mod data;
pub mod dates;
pub mod faults;
mod findings;
pub mod geojson;
pub mod input;
mod keys;
mod lines;
mod numbers;
mod parameters;
mod places;
mod populations;
pub mod results;
pub mod rounds;
pub mod series;
pub mod settings;
mod windows;

pub use data::{Data, Files};
pub use faults::{Fault, Faults, Weight};
pub use parameters::Parameters;
pub use settings::Settings;

/// A project that was read whole.
#[derive(Debug, Clone)]
pub struct Project {
    /// The keys as given.
    pub parameters: Parameters,
    /// What they ask for.
    pub settings: Settings,
    /// What the files hold.
    pub data: Data,
}

/// Reads a project: the parameter file's name and bytes, keys to set over it, and the files beside it.
/// The faults come back in either case; without errors among them the project is there.
pub fn read(name: &str, bytes: &[u8], over: &[String], files: &dyn Files) -> (Option<Project>, Faults) {
    let mut faults = Faults::default();
    let mut parameters = Parameters::parse(name, bytes, &mut faults);
    for assignment in over {
        if let Err(fault) = parameters.set(assignment) {
            faults.add(fault);
        }
    }
    parameters.check(&mut faults);
    let Some(settings) = Settings::read(&parameters, &mut faults) else {
        return (None, faults);
    };
    for fault in input::unsupported(&parameters, &settings) {
        faults.add(fault);
    }
    let context = data::Context {
        parameters: &parameters,
        settings: &settings,
        files,
    };
    let data = data::read(&context, &mut faults);
    if faults.is_refused() {
        return (None, faults);
    }
    let project = Project {
        parameters,
        settings,
        data,
    };
    (Some(project), faults)
}
