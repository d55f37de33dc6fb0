//! A disk in memory that remembers in which order it was changed and what was synced. It knows nothing of FUSE, and
//! nothing of what is kept on it.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Number of a file or folder; never used twice.
pub type Inode = u64;
pub const ROOT: Inode = 1;

/// One thing that happened, in the order in which the kernel was answered.
#[derive(Debug, Clone)]
pub enum Step {
    /// A file or folder came to be under this name.
    Named {
        folder: Inode,
        name: OsString,
        inode: Inode,
        is_folder: bool,
    },
    Removed {
        folder: Inode,
        name: OsString,
    },
    /// Within one folder, at once; what had the new name is gone.
    Renamed {
        folder: Inode,
        from: OsString,
        to: OsString,
        inode: Inode,
    },
    Wrote {
        inode: Inode,
        at: usize,
        bytes: Arc<[u8]>,
    },
    Resized {
        inode: Inode,
        length: usize,
    },
    /// The sync of a file or folder has succeeded.
    Synced {
        inode: Inode,
    },
    /// It has failed: what was not synced before is on the disk or not, and no later sync will bring it there.
    Unsynced {
        inode: Inode,
    },
    /// Somebody outside was told something; the number is theirs.
    Told(usize),
}

/// What a disk may fail with from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fails {
    /// Nothing.
    Never,
    /// Each sync of a file whose name ends so.
    Sync(&'static str),
    /// Each write to a file whose name ends so.
    Write(&'static str),
    /// Whatever needs more space than it has.
    Full,
}

/// Why a call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Absent,
    There,
    NotEmpty,
    NoFolder,
    Broken,
    Full,
}

#[derive(Debug)]
enum Content {
    File(Vec<u8>),
    Folder(BTreeMap<OsString, Inode>),
}

#[derive(Debug)]
struct State {
    all: HashMap<Inode, Content>,
    names: HashMap<Inode, OsString>,
    steps: Vec<Step>,
    fails: Fails,
}

/// What is told of a file or folder.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub inode: Inode,
    pub is_folder: bool,
    pub length: usize,
}

/// A handle of the disk; cloning is cheap.
#[derive(Debug, Clone)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    pub fn new() -> Self {
        let root = Content::Folder(BTreeMap::new());
        Self(Arc::new(Mutex::new(State {
            all: HashMap::from([(ROOT, root)]),
            names: HashMap::new(),
            steps: Vec::new(),
            fails: Fails::Never,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it fails so.
    pub fn fail(&self, fails: Fails) {
        self.state().fails = fails;
    }

    /// Notes that somebody outside has been told something: what happened before it came before.
    pub fn told(&self, what: usize) {
        self.state().steps.push(Step::Told(what));
    }

    /// All that has happened.
    pub fn steps(&self) -> Vec<Step> {
        self.state().steps.clone()
    }

    pub fn shape(&self, inode: Inode) -> Result<Shape, Refusal> {
        self.state().shape(inode)
    }

    pub fn find(&self, folder: Inode, name: &OsStr) -> Result<Shape, Refusal> {
        let state = self.state();
        let inode = state.folder(folder)?.get(name).copied();
        state.shape(inode.ok_or(Refusal::Absent)?)
    }

    pub fn list(&self, folder: Inode) -> Result<Vec<(OsString, Shape)>, Refusal> {
        let state = self.state();
        let names = state.folder(folder)?.iter();
        names
            .map(|(name, inode)| Ok((name.clone(), state.shape(*inode)?)))
            .collect()
    }

    pub fn make(&self, folder: Inode, name: &OsStr, is_folder: bool) -> Result<Shape, Refusal> {
        let mut state = self.state();
        if state.folder(folder)?.contains_key(name) {
            return Err(Refusal::There);
        }
        if state.fails == Fails::Full {
            return Err(Refusal::Full);
        }
        let inode = ROOT + u64::try_from(state.all.len()).unwrap_or(u64::MAX);
        let content = if is_folder {
            Content::Folder(BTreeMap::new())
        } else {
            Content::File(Vec::new())
        };
        state.all.insert(inode, content);
        state.name(folder, name, inode)?;
        let name = name.to_owned();
        state.steps.push(Step::Named {
            folder,
            name,
            inode,
            is_folder,
        });
        state.shape(inode)
    }

    /// Gives a file another name.
    pub fn link(&self, inode: Inode, folder: Inode, name: &OsStr) -> Result<Shape, Refusal> {
        let mut state = self.state();
        if state.folder(folder)?.contains_key(name) {
            return Err(Refusal::There);
        }
        state.name(folder, name, inode)?;
        let name = name.to_owned();
        state.steps.push(Step::Named {
            folder,
            name,
            inode,
            is_folder: false,
        });
        state.shape(inode)
    }

    pub fn remove(&self, folder: Inode, name: &OsStr) -> Result<(), Refusal> {
        let mut state = self.state();
        let inode = state.folder(folder)?.get(name).copied().ok_or(Refusal::Absent)?;
        if state.folder(inode).is_ok_and(|names| !names.is_empty()) {
            return Err(Refusal::NotEmpty);
        }
        state.folder_mut(folder)?.remove(name);
        let name = name.to_owned();
        state.steps.push(Step::Removed { folder, name });
        Ok(())
    }

    /// Between two folders it is two steps, of which a power cut may leave either.
    pub fn rename(&self, from: (Inode, &OsStr), to: (Inode, &OsStr)) -> Result<(), Refusal> {
        let mut state = self.state();
        let inode = state
            .folder(from.0)?
            .get(from.1)
            .copied()
            .ok_or(Refusal::Absent)?;
        let is_folder = state.folder(inode).is_ok();
        state.folder_mut(from.0)?.remove(from.1);
        state.name(to.0, to.1, inode)?;
        let (old, new) = (from.1.to_owned(), to.1.to_owned());
        if from.0 == to.0 {
            state.steps.push(Step::Renamed {
                folder: from.0,
                from: old,
                to: new,
                inode,
            });
            return Ok(());
        }
        state.steps.push(Step::Named {
            folder: to.0,
            name: new,
            inode,
            is_folder,
        });
        state.steps.push(Step::Removed {
            folder: from.0,
            name: old,
        });
        Ok(())
    }

    pub fn read(&self, inode: Inode, at: usize, length: usize) -> Result<Vec<u8>, Refusal> {
        let state = self.state();
        let bytes = state.file(inode)?;
        let from = at.min(bytes.len());
        let to = at.saturating_add(length).min(bytes.len());
        Ok(bytes[from..to].to_vec())
    }

    pub fn write(&self, inode: Inode, at: usize, bytes: &[u8]) -> Result<(), Refusal> {
        let mut state = self.state();
        match state.fails {
            Fails::Full if at + bytes.len() > state.file(inode)?.len() => return Err(Refusal::Full),
            Fails::Write(ending) if state.ends(inode, ending) => return Err(Refusal::Broken),
            _ => {}
        }
        let file = state.file_mut(inode)?;
        let end = at + bytes.len();
        if file.len() < end {
            file.resize(end, 0);
        }
        file[at..end].copy_from_slice(bytes);
        let bytes = bytes.into();
        state.steps.push(Step::Wrote { inode, at, bytes });
        Ok(())
    }

    pub fn resize(&self, inode: Inode, length: usize) -> Result<Shape, Refusal> {
        let mut state = self.state();
        let is_full = state.fails == Fails::Full;
        let file = state.file_mut(inode)?;
        if is_full && length > file.len() {
            return Err(Refusal::Full);
        }
        file.resize(length, 0);
        state.steps.push(Step::Resized { inode, length });
        state.shape(inode)
    }

    pub fn sync(&self, inode: Inode) -> Result<(), Refusal> {
        let mut state = self.state();
        if let Fails::Sync(ending) = state.fails
            && state.ends(inode, ending)
        {
            state.steps.push(Step::Unsynced { inode });
            return Err(Refusal::Broken);
        }
        state.steps.push(Step::Synced { inode });
        Ok(())
    }
}

impl State {
    fn shape(&self, inode: Inode) -> Result<Shape, Refusal> {
        let (is_folder, length) = match self.all.get(&inode).ok_or(Refusal::Absent)? {
            Content::File(bytes) => (false, bytes.len()),
            Content::Folder(_) => (true, 0),
        };
        Ok(Shape {
            inode,
            is_folder,
            length,
        })
    }

    fn folder(&self, inode: Inode) -> Result<&BTreeMap<OsString, Inode>, Refusal> {
        match self.all.get(&inode).ok_or(Refusal::Absent)? {
            Content::Folder(names) => Ok(names),
            Content::File(_) => Err(Refusal::NoFolder),
        }
    }

    fn folder_mut(&mut self, inode: Inode) -> Result<&mut BTreeMap<OsString, Inode>, Refusal> {
        match self.all.get_mut(&inode).ok_or(Refusal::Absent)? {
            Content::Folder(names) => Ok(names),
            Content::File(_) => Err(Refusal::NoFolder),
        }
    }

    fn file(&self, inode: Inode) -> Result<&Vec<u8>, Refusal> {
        match self.all.get(&inode).ok_or(Refusal::Absent)? {
            Content::File(bytes) => Ok(bytes),
            Content::Folder(_) => Err(Refusal::NoFolder),
        }
    }

    fn file_mut(&mut self, inode: Inode) -> Result<&mut Vec<u8>, Refusal> {
        match self.all.get_mut(&inode).ok_or(Refusal::Absent)? {
            Content::File(bytes) => Ok(bytes),
            Content::Folder(_) => Err(Refusal::NoFolder),
        }
    }

    fn name(&mut self, folder: Inode, name: &OsStr, inode: Inode) -> Result<(), Refusal> {
        self.folder_mut(folder)?.insert(name.to_owned(), inode);
        self.names.insert(inode, name.to_owned());
        Ok(())
    }

    fn ends(&self, inode: Inode, ending: &str) -> bool {
        let name = self.names.get(&inode);
        name.is_some_and(|name| name.to_string_lossy().ends_with(ending))
    }
}
