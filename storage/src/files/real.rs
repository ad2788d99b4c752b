//! The files of an operating system's directory.
//!
//! Syncs are `fdatasync` for files and `fsync` for folders. The lock is the system's
//! advisory lock on an open file, so it ends with the process however that ends.
//!
//! Pages go past the system's cache (`O_DIRECT`) if they are many: what is written once, and
//! read after a start only, would cost a copy and push others out. Where the file system
//! cannot do so they are written like everything else.
use super::pages::are_pages;
use super::{File, Files, Lock};
use crate::{Error, ErrorKind, Result};
use rustix::fs::OFlags;
use std::fs::{self, OpenOptions, TryLockError};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A directory of the operating system.
pub struct RealFiles {
    directory: PathBuf,
}

struct RealFile {
    path: PathBuf,
    file: fs::File,
    /// The same file, opened for writes past the cache; nothing if that cannot be done.
    direct: OnceLock<Option<fs::File>>,
}

/// The fewest bytes that are written past the cache: fewer wait shorter for their copy.
const DIRECT_BYTES_MIN: usize = 1 << 16;

impl RealFiles {
    /// Opens the directory, and makes it first if it is not there.
    pub fn open(directory: &Path) -> Result<Self> {
        let made: Vec<&Path> = directory.ancestors().take_while(|path| !path.exists()).collect();
        fs::create_dir_all(directory)
            .map_err(|error| failure("could not create directory", directory, &error))?;
        for parent in made.iter().filter_map(|path| path.parent()) {
            // An empty parent is the working directory.
            let is_empty = parent.as_os_str().is_empty();
            sync_folder(if is_empty { Path::new(".") } else { parent })?;
        }
        let directory = directory
            .canonicalize()
            .map_err(|error| failure("could not open directory", directory, &error))?;
        Ok(Self { directory })
    }

    /// Where the file or folder of that name is.
    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    fn open_with(&self, path: &str, options: &OpenOptions) -> Result<Arc<dyn File>> {
        let path = self.path(path);
        match options.open(&path) {
            Ok(file) => Ok(Arc::new(RealFile { path, file, direct: OnceLock::new() })),
            Err(error) => Err(failure("could not open file", &path, &error)),
        }
    }
}

impl Files for RealFiles {
    fn create_directory(&self, path: &str) -> Result<()> {
        let path = self.path(path);
        fs::create_dir_all(&path)
            .map_err(|error| failure("could not create directory", &path, &error))
    }

    fn list(&self, directory: &str) -> Result<Vec<String>> {
        let path = self.path(directory);
        let failed = |error| failure("could not read directory", &path, &error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&path).map_err(failed)? {
            // No file of ours has a name that is not UTF-8, so a lossy one is still foreign.
            names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn create(&self, path: &str) -> Result<Arc<dyn File>> {
        self.open_with(path, OpenOptions::new().read(true).write(true).create_new(true))
    }

    fn open(&self, path: &str) -> Result<Arc<dyn File>> {
        self.open_with(path, OpenOptions::new().read(true).write(true))
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let path = self.path(from);
        fs::rename(&path, self.path(to))
            .map_err(|error| failure("could not rename file", &path, &error))
    }

    fn remove(&self, path: &str) -> Result<()> {
        let path = self.path(path);
        fs::remove_file(&path).map_err(|error| failure("could not remove file", &path, &error))
    }

    fn sync_directory(&self, path: &str) -> Result<()> {
        sync_folder(&self.path(path))
    }

    fn lock(&self, path: &str) -> Result<Lock> {
        let path = self.path(path);
        let failed = |error| failure("could not lock file", &path, &error);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Arc::new(file)),
            Err(TryLockError::WouldBlock) => Err(Error::unavailable(format!(
                "data directory \"{}\" is in use by another process",
                self.directory.display()
            ))),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

impl RealFile {
    /// The file to write these bytes to past the cache, if they are many whole pages.
    fn direct_for(&self, bytes: &[u8], offset: u64) -> Option<&fs::File> {
        if bytes.len() < DIRECT_BYTES_MIN || !are_pages(bytes, offset) {
            return None;
        }
        // The very file, whatever its path leads to by now.
        let open = || {
            let path = format!("/proc/self/fd/{}", self.file.as_raw_fd());
            let flags = OFlags::DIRECT.bits() as i32;
            OpenOptions::new().write(true).custom_flags(flags).open(path).ok()
        };
        self.direct.get_or_init(open).as_ref()
    }
}

impl File for RealFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let mut read = 0;
        while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, offset + read as u64) {
                Ok(0) => break,
                Ok(count) => read += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failure("could not read file", &self.path, &error)),
            }
        }
        Ok(read)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        self.file
            .write_all_at(bytes, offset)
            .map_err(|error| failure("could not write file", &self.path, &error))
    }

    fn write_pages(&self, pages: &[u8], offset: u64) -> Result<bool> {
        let Some(direct) = self.direct_for(pages, offset) else {
            return self.write_at(pages, offset).map(|()| false);
        };
        match direct.write_all_at(pages, offset) {
            Ok(()) => Ok(true),
            // Not every device takes pages as small as these, nor every file system any.
            Err(error) if is_refused(&error) => self.write_at(pages, offset).map(|()| false),
            Err(error) => Err(failure("could not write file", &self.path, &error)),
        }
    }

    fn length(&self) -> Result<u64> {
        match self.file.metadata() {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) => Err(failure("could not read length of file", &self.path, &error)),
        }
    }

    fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(|error| failure("could not sync file", &self.path, &error))
    }
}

fn is_refused(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

fn sync_folder(path: &Path) -> Result<()> {
    fs::File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| failure("could not sync directory", path, &error))
}

fn failure(what: &str, path: &Path, error: &io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::AlreadyExists
        | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Invalid,
        io::ErrorKind::NotFound => ErrorKind::Corrupt,
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, format!("{what} \"{}\": {error}", path.display()))
}
