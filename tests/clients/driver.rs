//! psycopg 3, in a Python environment of its own under `target/`.
use std::path::{Path, PathBuf};
use std::process::Command;

use tidemill_tests::root;

use crate::{is_installed, server};

/// The release that the tests are written for.
const PSYCOPG: &str = "psycopg[binary]>=3.2,<4";

#[test]
fn psycopg_does_all_it_can_do() {
    let Some(python) = python() else { return };
    let server = server("psycopg");
    let script = root().join("tests/clients/driver.py");
    let output = Command::new(python)
        .arg(script)
        .arg(server.port.to_string())
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaint}");
    assert!(said.lines().filter(|line| line.starts_with("ok ")).count() > 15, "{said}");
}

/// The Python that has psycopg; it is installed when it is first needed.
fn python() -> Option<PathBuf> {
    if !is_installed("python3", "--version") || !has_venv() {
        return None;
    }
    let own = std::env::current_exe().expect("a test has a path");
    let target = own.ancestors().nth(3).expect("target/debug/deps").to_path_buf();
    let folder = target.join("python");
    let python = folder.join("bin/python");
    if imports(&python) {
        return Some(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PSYCOPG];
    run(Command::new(&python).args(pip));
    assert!(imports(&python), "psycopg was installed and cannot be imported");
    Some(python)
}

fn has_venv() -> bool {
    let ran = Command::new("python3").args(["-c", "import venv, ensurepip"]).output();
    let has = ran.is_ok_and(|output| output.status.success());
    let required = std::env::var_os("CI").is_some();
    assert!(has || !required, "python3-venv is not installed: `tests/run` installs it");
    if !has {
        eprintln!("passed over: python3-venv is not installed");
    }
    has
}

fn imports(python: &Path) -> bool {
    let ran = Command::new(python).args(["-c", "import psycopg, psycopg_binary"]).output();
    ran.is_ok_and(|output| output.status.success())
}

fn run(command: &mut Command) {
    let output = command.output().expect("the command runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
