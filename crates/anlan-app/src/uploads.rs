//! Files handed in through the browser, kept in a folder of their own until an import has read them.

use crate::imports::Begin;
use crate::ports::MappingInfo;
use crate::{App, Caller, Error, accesses, imports};
use anlan_model::accesses::Purpose;
use anlan_model::ids::ImportId;
use anlan_model::imports::{Import, ImportState};
use anlan_model::places::Datum;
use anlan_policy::Action;
use anlan_store::folders;
use anlan_store::uploads::Upload;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Largest file taken through the browser, bytes; larger ones go through `anlan import`.
pub const BYTES_MAX: u64 = 20 * 1024 * 1024 * 1024;
const NAME_MAX: usize = 200;
/// The kind of job that imports an upload.
pub const JOB: &str = "import.run";

/// What the job that imports an upload has to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// The run.
    pub import: ImportId,
    /// The upload.
    pub upload: String,
    /// Name of the mapping.
    pub mapping: String,
    /// The datum its coordinates are in, as somebody stated it.
    pub datum: Datum,
    /// Only try the rows kept back again.
    #[serde(default)]
    pub replay: bool,
}

/// Where uploads lie.
fn folder(app: &App) -> PathBuf {
    app.store
        .path()
        .parent()
        .unwrap_or(Path::new("."))
        .join("uploads")
}

/// The file of an upload.
pub fn path(app: &App, id: &str) -> Result<PathBuf, Error> {
    let known = app
        .store
        .read(|tx| anlan_store::uploads::find(tx, id).map_err(Error::from))?;
    let known = known.ok_or(Error::Missing { what: "upload" })?;
    Ok(folder(app).join(known.id))
}

/// The mappings a file can be imported through.
pub fn mappings(app: &App, caller: &Caller) -> Result<Vec<MappingInfo>, Error> {
    app.require(caller, Action::ReferenceRead)?;
    Ok(app.files.mappings())
}

/// Looks through an upload before it is imported; logged, as it may hold anything.
pub fn profile(
    app: &App,
    caller: &Caller,
    id: &str,
    mapping: Option<&str>,
) -> Result<serde_json::Value, Error> {
    app.require(caller, Action::ImportRun)?;
    let path = path(app, id)?;
    accesses::log(
        app,
        accesses::entry(
            app,
            caller,
            Action::ImportRun,
            "upload",
            "profile",
            Purpose::Maintenance,
        ),
    )?;
    app.files.profile(&path, mapping, app.clock.now())
}

fn failed(error: &std::io::Error) -> Error {
    Error::Unavailable {
        detail: format!("the upload could not be kept: {error}. Nothing of it was kept; try again."),
    }
}

/// Keeps a file. An upload cut short is thrown away whole.
pub fn put(app: &App, caller: &Caller, name: &str, input: &mut dyn Read) -> Result<Upload, Error> {
    app.require(caller, Action::ImportRun)?;
    if name.is_empty()
        || name.chars().count() > NAME_MAX
        || name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\'))
    {
        return Err(Error::field(
            "file",
            "file.name",
            format!("文件名应为 1 到 {NAME_MAX} 个字符，且不含斜杠。"),
            format!("A file name has 1 to {NAME_MAX} characters and no slash."),
        ));
    }
    let id = crate::accounts::random_token()?;
    let folder = folder(app);
    folders::make(&folder)?;
    let path = folder.join(&id);
    let kept = copy(&path, input);
    let bytes = kept.inspect_err(|_| {
        // What is left of a failed upload is worth nothing; that it cannot be removed is no second error.
        let _ = std::fs::remove_file(&path);
    })?;
    folders::sync(&folder)?;
    let upload = Upload {
        id,
        file: name.to_owned(),
        bytes,
        at: app.clock.now(),
        by: caller.actor.account,
    };
    let entry = accesses::entry(
        app,
        caller,
        Action::ImportRun,
        "upload",
        "new",
        Purpose::Maintenance,
    );
    let new = upload.clone();
    app.store.write(move |tx| {
        anlan_store::uploads::insert(tx, &new)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    Ok(upload)
}

fn copy(path: &Path, input: &mut dyn Read) -> Result<u64, Error> {
    let mut file = File::create_new(path).map_err(|error| failed(&error))?;
    let bytes = std::io::copy(&mut input.take(BYTES_MAX + 1), &mut file).map_err(|error| failed(&error))?;
    if bytes > BYTES_MAX {
        return Err(Error::field(
            "file",
            "file.too_large",
            "文件超过 20 GiB，没有保存；请在服务器上用 anlan import 导入。",
            "The file is larger than 20 GiB; import it on the server with `anlan import`. Nothing was kept.",
        ));
    }
    file.flush()
        .and_then(|()| file.sync_all())
        .map_err(|error| failed(&error))?;
    Ok(bytes)
}

/// SHA-256 of a file, hex.
pub fn digest(path: &Path) -> Result<String, Error> {
    let mut file = File::open(path).map_err(|error| failed(&error))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(|error| failed(&error))?;
        if read == 0 {
            break;
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
    Ok(crate::accounts::hex(&hash.finalize()))
}

/// Queues the import of an upload.
pub fn start(app: &App, caller: &Caller, upload: &str, mapping: &str, datum: Datum) -> Result<Import, Error> {
    app.require(caller, Action::ImportRun)?;
    check_mapping(app, mapping)?;
    let known = app
        .store
        .read(|tx| anlan_store::uploads::find(tx, upload).map_err(Error::from))?;
    let known = known.ok_or(Error::Missing { what: "upload" })?;
    let digest = digest(&path(app, upload)?)?;
    let begin = Begin {
        file: known.file,
        digest,
        mapping: mapping.to_owned(),
        bytes_total: known.bytes,
        take_over: false,
    };
    let plan = Plan {
        import: ImportId(0),
        upload: known.id,
        mapping: mapping.to_owned(),
        datum,
        replay: false,
    };
    imports::queue(app, caller, &begin, plan)
}

fn check_mapping(app: &App, name: &str) -> Result<(), Error> {
    let known: Vec<String> = app
        .files
        .mappings()
        .into_iter()
        .map(|mapping| mapping.name)
        .collect();
    if known.iter().any(|known| known == name) {
        return Ok(());
    }
    let list = known.join(", ");
    Err(Error::field(
        "mapping",
        "mapping.unknown",
        format!("没有名为 {name} 的映射；可用：{list}。"),
        format!("There is no mapping {name}; known are {list}."),
    ))
}

/// Removes an upload's file; `false` if it was gone already.
pub(crate) fn remove_file(app: &App, id: &str) -> Result<bool, Error> {
    match std::fs::remove_file(folder(app).join(id)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(&error)),
    }
}

/// Files of the folder that no upload speaks of, written longer ago than this: of a program that was cut off.
pub(crate) fn orphans(app: &App, age: std::time::Duration) -> Result<Vec<String>, Error> {
    let folder = folder(app);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(&error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed(&error))?;
        let is_old = folders::is_older(&entry.path(), age);
        if let Some(id) = entry.file_name().to_str().filter(|_| is_old) {
            found.push(id.to_owned());
        }
    }
    app.store.read(|tx| {
        let mut orphans = Vec::new();
        for id in found {
            if anlan_store::uploads::find(tx, &id)?.is_none() {
                orphans.push(id);
            }
        }
        Ok(orphans)
    })
}

/// Whether a run may be taken up or stopped in this state.
pub(crate) fn may_go_on(state: ImportState) -> bool {
    matches!(state, ImportState::Stopped | ImportState::Refused)
}
