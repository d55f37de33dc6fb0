//! The disk in memory as a file system of this machine, through FUSE, so that the built program runs on it unchanged and
//! no call can go around it. What cannot be mounted here is told in words.

use super::disk::{Disk, Refusal, Shape};
use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation,
    INodeNo, LockOwner, MountOption, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData,
    ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, Request, TimeOrNow,
    WriteFlags,
};
use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Every change passes by the kernel, so what it knows stays true.
const TTL: Duration = Duration::from_hours(1);
const BLOCK: u32 = 4096;
const BLOCKS: u64 = 1 << 20;

/// A mounted disk. Unmounted when dropped.
pub struct Mounted {
    pub disk: Disk,
    /// The mount goes before the folder it is on.
    _session: BackgroundSession,
    folder: tempfile::TempDir,
}

impl Mounted {
    /// Mounts an empty disk; says why that cannot be done here.
    pub fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let disk = Disk::new();
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("anlan-test".to_owned())];
        let session = fuser::spawn_mount(Served(disk.clone()), folder.path(), &config)
            .map_err(|e| format!("no file system can be mounted through FUSE here: {e}"))?;
        Ok(Self {
            disk,
            _session: session,
            folder,
        })
    }

    /// Mounts, or says on the terminal that the test is skipped and why.
    pub fn or_skip() -> Option<Self> {
        let mounted = Self::new();
        if let Err(why) = &mounted {
            eprintln!(
                "skipped: {why}. It needs /dev/fuse and, for ordinary users, fusermount3 (Debian: fuse3)"
            );
        }
        mounted.ok()
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

struct Served(Disk);

fn errno(refusal: Refusal) -> Errno {
    match refusal {
        Refusal::Absent => Errno::ENOENT,
        Refusal::There => Errno::EEXIST,
        Refusal::NotEmpty => Errno::ENOTEMPTY,
        Refusal::NoFolder => Errno::ENOTDIR,
        Refusal::Broken => Errno::EIO,
        Refusal::Full => Errno::ENOSPC,
    }
}

fn attributes(request: &Request, shape: Shape) -> FileAttr {
    let size = u64::try_from(shape.length).unwrap_or(u64::MAX);
    FileAttr {
        ino: INodeNo(shape.inode),
        size,
        blocks: size.div_ceil(512),
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind: kind(shape),
        perm: if shape.is_folder { 0o700 } else { 0o600 },
        // One more than most have, so that the kernel never takes a linked file for a removed one.
        nlink: 2,
        uid: request.uid(),
        gid: request.gid(),
        rdev: 0,
        blksize: BLOCK,
        flags: 0,
    }
}

fn kind(shape: Shape) -> FileType {
    if shape.is_folder {
        FileType::Directory
    } else {
        FileType::RegularFile
    }
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn answer(request: &Request, found: Result<Shape, Refusal>, reply: ReplyEntry) {
    match found {
        Ok(shape) => reply.entry(&TTL, &attributes(request, shape), Generation(0)),
        Err(refusal) => reply.error(errno(refusal)),
    }
}

fn finish(done: Result<(), Refusal>, reply: ReplyEmpty) {
    match done {
        Ok(()) => reply.ok(),
        Err(refusal) => reply.error(errno(refusal)),
    }
}

fn shape_answer(request: &Request, found: Result<Shape, Refusal>, reply: ReplyAttr) {
    match found {
        Ok(shape) => reply.attr(&TTL, &attributes(request, shape)),
        Err(refusal) => reply.error(errno(refusal)),
    }
}

/// What is not here is refused by the trait with ENOSYS, and the kernel does without it: locks are its own, and there
/// are no holes, and no copies behind its back.
impl Filesystem for Served {
    fn lookup(&self, request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        answer(request, self.0.find(parent.0, name), reply);
    }

    fn getattr(&self, request: &Request, inode: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        shape_answer(request, self.0.shape(inode.0), reply);
    }

    fn setattr(
        &self,
        request: &Request,
        inode: INodeNo,
        _mode: Option<u32>,
        _uid: Option<u32>,
        _gid: Option<u32>,
        size: Option<u64>,
        _atime: Option<TimeOrNow>,
        _mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        _handle: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _flags: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let done = match size {
            Some(size) => self.0.resize(inode.0, place(size)),
            None => self.0.shape(inode.0),
        };
        shape_answer(request, done, reply);
    }

    fn mkdir(&self, request: &Request, parent: INodeNo, name: &OsStr, _: u32, _: u32, reply: ReplyEntry) {
        answer(request, self.0.make(parent.0, name, true), reply);
    }

    fn create(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        _mode: u32,
        _umask: u32,
        _flags: i32,
        reply: ReplyCreate,
    ) {
        match self.0.make(parent.0, name, false) {
            Ok(shape) => reply.created(
                &TTL,
                &attributes(request, shape),
                Generation(0),
                FileHandle(0),
                FopenFlags::empty(),
            ),
            Err(refusal) => reply.error(errno(refusal)),
        }
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        finish(self.0.remove(parent.0, name), reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        finish(self.0.remove(parent.0, name), reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        if !flags.is_empty() {
            return reply.error(Errno::EINVAL);
        }
        finish(self.0.rename((parent.0, name), (new_parent.0, new_name)), reply);
    }

    fn link(&self, request: &Request, inode: INodeNo, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        answer(request, self.0.link(inode.0, parent.0, name), reply);
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        // What the kernel has in its cache is what is here: it stays there.
        reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE);
    }

    fn read(
        &self,
        _: &Request,
        inode: INodeNo,
        _handle: FileHandle,
        at: u64,
        size: u32,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.0.read(inode.0, place(at), place(size.into())) {
            Ok(bytes) => reply.data(&bytes),
            Err(refusal) => reply.error(errno(refusal)),
        }
    }

    fn write(
        &self,
        _: &Request,
        inode: INodeNo,
        _handle: FileHandle,
        at: u64,
        bytes: &[u8],
        _write: WriteFlags,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.0.write(inode.0, place(at), bytes) {
            Ok(()) => reply.written(u32::try_from(bytes.len()).unwrap_or(u32::MAX)),
            Err(refusal) => reply.error(errno(refusal)),
        }
    }

    fn fsync(&self, _: &Request, inode: INodeNo, _: FileHandle, _data_only: bool, reply: ReplyEmpty) {
        finish(self.0.sync(inode.0), reply);
    }

    fn fsyncdir(&self, _: &Request, inode: INodeNo, _: FileHandle, _data_only: bool, reply: ReplyEmpty) {
        finish(self.0.sync(inode.0), reply);
    }

    fn readdir(&self, _: &Request, inode: INodeNo, _: FileHandle, from: u64, mut reply: ReplyDirectory) {
        let names = match self.0.list(inode.0) {
            Ok(names) => names,
            Err(refusal) => return reply.error(errno(refusal)),
        };
        for (next, (name, shape)) in (1_u64..).zip(names).skip(place(from)) {
            if reply.add(INodeNo(shape.inode), next, kind(shape), name) {
                break;
            }
        }
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        reply.statfs(BLOCKS, BLOCKS, BLOCKS, BLOCKS, BLOCKS, BLOCK, 255, BLOCK);
    }
}
