//! What a power cut leaves of a disk. What was synced is there. Of all else, each sector of each write, each change of
//! length and each name may be there or not, whatever came first; a lost sector keeps what it had, or is zeros or rubbish
//! where the file had nothing.

use super::disk::{Inode, ROOT, Step};
use rand_core::Rng;
use rand_pcg::Pcg64Mcg;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// A sync that the disk acknowledges and does not do, to see whether the test notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deaf {
    /// To none.
    No,
    /// To those of files whose name, or the name of whose folder, contains this.
    File(&'static str),
    /// To those of folders.
    Folders,
}

#[derive(Debug, Clone)]
enum Change {
    Write(usize, Arc<[u8]>),
    Length(usize),
}

#[derive(Debug, Clone)]
enum Naming {
    Add(OsString, Inode),
    Remove(OsString),
    Rename(OsString, OsString, Inode),
}

#[derive(Debug, Default)]
struct File {
    kept: Vec<u8>,
    open: Vec<Change>,
}

#[derive(Debug, Default)]
struct Folder {
    kept: BTreeMap<OsString, Inode>,
    open: Vec<Naming>,
}

/// The disk as it is between two steps, with what is kept and what is open.
#[derive(Debug)]
pub struct Replay {
    files: HashMap<Inode, File>,
    folders: HashMap<Inode, Folder>,
    /// The name of each, with that of its folder before it.
    names: HashMap<Inode, String>,
    deaf: Deaf,
    chance: Pcg64Mcg,
}

/// How much of what was not synced survives.
#[derive(Debug, Clone, Copy)]
struct Luck {
    /// Of 256.
    share: u32,
    sector: usize,
    /// What lost sectors beyond the old end have.
    rubbish: bool,
}

impl Replay {
    pub fn new(seed: u128, deaf: Deaf) -> Self {
        Self {
            files: HashMap::new(),
            folders: HashMap::from([(ROOT, Folder::default())]),
            names: HashMap::new(),
            deaf,
            chance: Pcg64Mcg::new(seed),
        }
    }

    fn luck(&mut self) -> Luck {
        let dice = self.chance.next_u32();
        Luck {
            // Nothing, all, or some of it.
            share: match dice % 8 {
                0..3 => 0,
                3 => 256,
                _ => 1 + (dice >> 8) % 255,
            },
            sector: if dice & (1 << 30) == 0 { 512 } else { 4096 },
            rubbish: dice & (1 << 31) != 0,
        }
    }

    /// One step on.
    pub fn step(&mut self, step: &Step) {
        match step {
            Step::Named {
                folder,
                name,
                inode,
                is_folder,
            } => {
                let above = self.names.get(folder).map_or("", String::as_str);
                let above = above.rsplit('/').next().unwrap_or_default();
                let full = format!("{above}/{}", name.to_string_lossy());
                self.names.insert(*inode, full);
                if *is_folder {
                    self.folders.entry(*inode).or_default();
                } else {
                    self.files.entry(*inode).or_default();
                }
                self.naming(*folder, Naming::Add(name.clone(), *inode));
            }
            Step::Removed { folder, name } => self.naming(*folder, Naming::Remove(name.clone())),
            Step::Renamed {
                folder,
                from,
                to,
                inode,
            } => self.naming(*folder, Naming::Rename(from.clone(), to.clone(), *inode)),
            Step::Wrote { inode, at, bytes } => self.change(*inode, Change::Write(*at, Arc::clone(bytes))),
            Step::Resized { inode, length } => self.change(*inode, Change::Length(*length)),
            Step::Synced { inode } => self.sync(*inode),
            Step::Unsynced { inode } => self.lose(*inode),
            Step::Told(_) => {}
        }
    }

    fn naming(&mut self, folder: Inode, naming: Naming) {
        self.folders.entry(folder).or_default().open.push(naming);
    }

    fn change(&mut self, file: Inode, change: Change) {
        self.files.entry(file).or_default().open.push(change);
    }

    fn sync(&mut self, inode: Inode) {
        let name = self.names.get(&inode).map_or("", String::as_str);
        if let Some(file) = self.files.get_mut(&inode)
            && !matches!(self.deaf, Deaf::File(part) if name.contains(part))
        {
            file.open
                .drain(..)
                .for_each(|change| apply(&mut file.kept, &change));
        }
        if let Some(folder) = self.folders.get_mut(&inode)
            && self.deaf != Deaf::Folders
        {
            folder
                .open
                .drain(..)
                .for_each(|naming| rename(&mut folder.kept, &naming));
        }
    }

    /// A sync that failed decides at once what is on the disk.
    fn lose(&mut self, inode: Inode) {
        let luck = self.luck();
        if let Some(file) = self.files.get_mut(&inode) {
            file.kept = torn(file, luck, &mut self.chance);
            file.open.clear();
        }
    }

    /// Writes one thing that a power cut now may leave into an empty folder.
    pub fn cut(&mut self, to: &Path) {
        let luck = self.luck();
        self.write(ROOT, luck, to);
    }

    fn write(&mut self, folder: Inode, luck: Luck, to: &Path) {
        for (name, inode) in self.surviving(folder, luck) {
            let path = to.join(name);
            if let Some(file) = self.files.get(&inode) {
                fs::write(path, torn(file, luck, &mut self.chance)).unwrap();
            } else {
                fs::create_dir(&path).unwrap();
                self.write(inode, luck, &path);
            }
        }
    }

    fn surviving(&mut self, folder: Inode, luck: Luck) -> BTreeMap<OsString, Inode> {
        let folder = self.folders.entry(folder).or_default();
        let mut names = folder.kept.clone();
        for naming in &folder.open {
            if survives(luck, &mut self.chance) {
                rename(&mut names, naming);
            }
        }
        names
    }
}

fn survives(luck: Luck, chance: &mut Pcg64Mcg) -> bool {
    chance.next_u32() % 256 < luck.share
}

fn rename(names: &mut BTreeMap<OsString, Inode>, naming: &Naming) {
    match naming {
        Naming::Add(name, inode) => {
            names.insert(name.clone(), *inode);
        }
        Naming::Remove(name) => {
            names.remove(name);
        }
        Naming::Rename(from, to, inode) => {
            // What had the old name meanwhile is another file if this one's making was lost.
            if names.get(from) == Some(inode) {
                names.remove(from);
            }
            names.insert(to.clone(), *inode);
        }
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(length) => bytes.resize(*length, 0),
        Change::Write(at, new) => put(bytes, *at, new),
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    let end = at + new.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(new);
}

/// What of a file survives.
fn torn(file: &File, luck: Luck, chance: &mut Pcg64Mcg) -> Vec<u8> {
    let mut bytes = file.kept.clone();
    for change in &file.open {
        match change {
            Change::Length(length) => {
                if survives(luck, chance) {
                    bytes.resize(*length, 0);
                }
            }
            Change::Write(at, new) => tear(&mut bytes, *at, new, luck, chance),
        }
    }
    bytes
}

fn tear(bytes: &mut Vec<u8>, at: usize, new: &[u8], luck: Luck, chance: &mut Pcg64Mcg) {
    let end = at + new.len();
    let mut from = at;
    while from < end {
        let to = (from / luck.sector + 1).saturating_mul(luck.sector).min(end);
        let is_beyond = from >= bytes.len();
        if survives(luck, chance) {
            put(bytes, from, &new[from - at..to - at]);
        } else if is_beyond && survives(luck, chance) {
            // The length was kept, and what it was grown for was not.
            let byte = if luck.rubbish {
                chance.next_u32().to_be_bytes()[0]
            } else {
                0
            };
            put(bytes, from, &vec![byte; to - from]);
        }
        from = to;
    }
}
