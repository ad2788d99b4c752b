//! BEGIN, COMMIT, ROLLBACK, savepoints.
use sqlparser::ast::{self, TransactionAccessMode, TransactionIsolationLevel, TransactionMode};

use crate::binder::fold;
use crate::parser::Statement;
use crate::response::{Notice, Poison};
use crate::session::Session;
use crate::settings::Span;
use crate::transaction::{Isolation, Origin, Transaction};
use crate::{Error, Result};

/// A statement about transactions.
pub(crate) enum Control {
    Begin { modes: Modes, word: &'static str },
    Commit { chain: bool },
    Rollback { chain: bool },
    Savepoint(String),
    Release(String),
    RollbackTo(String),
}

/// What BEGIN and SET TRANSACTION say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Modes {
    isolation: Option<&'static str>,
    read_only: Option<bool>,
}

/// The last of each kind of mode.
pub(crate) fn modes(written: &[TransactionMode]) -> Modes {
    let mut modes = Modes::default();
    for mode in written {
        match mode {
            TransactionMode::AccessMode(access) => {
                modes.read_only = Some(*access == TransactionAccessMode::ReadOnly);
            }
            TransactionMode::IsolationLevel(level) => {
                modes.isolation = Some(match level {
                    TransactionIsolationLevel::ReadUncommitted => "read uncommitted",
                    TransactionIsolationLevel::ReadCommitted => "read committed",
                    TransactionIsolationLevel::Serializable => "serializable",
                    _ => "repeatable read",
                });
            }
        }
    }
    modes
}

impl Control {
    /// The control statement that it is, if it is one.
    pub(crate) fn of(statement: &Statement) -> Option<Self> {
        let Statement::Sql(statement) = statement else { return None };
        Some(match statement.as_ref() {
            ast::Statement::StartTransaction { modes: written, begin, .. } => {
                let word = if *begin { "BEGIN" } else { "START TRANSACTION" };
                Control::Begin { modes: modes(written), word }
            }
            ast::Statement::Commit { chain, .. } => Control::Commit { chain: *chain },
            ast::Statement::Rollback { savepoint: Some(name), .. } => {
                Control::RollbackTo(fold(name))
            }
            ast::Statement::Rollback { chain, .. } => Control::Rollback { chain: *chain },
            ast::Statement::Savepoint { name } => Control::Savepoint(fold(name)),
            ast::Statement::ReleaseSavepoint { name } => Control::Release(fold(name)),
            _ => return None,
        })
    }

    /// Whether it may run in a block that has failed.
    pub(crate) fn ends_failure(&self) -> bool {
        matches!(self, Control::Commit { .. } | Control::Rollback { .. } | Control::RollbackTo(_))
    }
}

impl Session {
    /// Runs a control statement; gives its tag.
    pub(crate) async fn control(&mut self, control: Control) -> Result<&'static str> {
        match control {
            Control::Begin { modes, word } => {
                self.begin(modes)?;
                Ok(word)
            }
            Control::Commit { chain } => {
                self.block_to_chain("COMMIT", chain)?;
                self.commit_block(chain).await
            }
            Control::Rollback { chain } => {
                self.block_to_chain("ROLLBACK", chain)?;
                self.warn_without_block();
                self.roll_back(chain);
                Ok("ROLLBACK")
            }
            Control::Savepoint(name) => {
                let settings = self.settings.clone();
                self.block("SAVEPOINT")?.save(&name, &settings)?;
                Ok("SAVEPOINT")
            }
            Control::Release(name) => {
                self.block("RELEASE SAVEPOINT")?.release(&name)?;
                Ok("RELEASE")
            }
            Control::RollbackTo(name) => {
                let settings = self.block("ROLLBACK TO SAVEPOINT")?.roll_back_to(&name)?;
                self.settings = settings;
                Ok("ROLLBACK")
            }
        }
    }

    fn begin(&mut self, modes: Modes) -> Result<()> {
        match &mut self.transaction {
            Some(transaction) if transaction.origin == Origin::Block => {
                let message = "there is already a transaction in progress";
                self.notices.push(Notice::warning("25001", message));
                return Ok(());
            }
            // What was done since the text began becomes part of the block.
            Some(transaction) => transaction.origin = Origin::Block,
            None => {
                let now = self.database.clock.now();
                self.start_defaults();
                self.transaction = Some(Transaction::new(Origin::Block, now, &self.settings));
            }
        }
        self.set_transaction(&modes, false)
    }

    /// A new transaction has the session's default modes.
    pub(crate) fn start_defaults(&mut self) {
        for (name, default) in [
            ("transaction_isolation", "default_transaction_isolation"),
            ("transaction_read_only", "default_transaction_read_only"),
        ] {
            let value = self.settings.get(default).map(str::to_owned);
            if let Ok(value) = value {
                // Both settings take the same values.
                let _ = self.settings.set(name, &value, Span::Local);
            }
        }
    }

    /// Changes the modes of the transaction, or of all that begin later.
    pub(crate) fn set_transaction(&mut self, modes: &Modes, later: bool) -> Result<()> {
        let on_off = |read_only: bool| if read_only { "on" } else { "off" };
        if later {
            if let Some(level) = modes.isolation {
                self.settings.set("default_transaction_isolation", level, Span::Session)?;
            }
            if let Some(read_only) = modes.read_only {
                let value = on_off(read_only);
                self.settings.set("default_transaction_read_only", value, Span::Session)?;
            }
            return Ok(());
        }
        if !self.in_block() {
            let message = "SET TRANSACTION can only be used in transaction blocks";
            self.notices.push(Notice::warning("25P01", message));
            return Ok(());
        }
        if let Some(level) = modes.isolation {
            self.must_be_unused("transaction_isolation")?;
            self.settings.set("transaction_isolation", level, Span::Local)?;
        }
        if let Some(read_only) = modes.read_only {
            self.settings.set("transaction_read_only", on_off(read_only), Span::Local)?;
        }
        let serializable = self.settings.get("transaction_isolation")? == "serializable";
        let read_only = self.settings.get("transaction_read_only")? == "on";
        if let Some(transaction) = &mut self.transaction {
            transaction.isolation =
                if serializable { Isolation::Serializable } else { Isolation::Snapshot };
            transaction.read_only = read_only;
        }
        Ok(())
    }

    /// The isolation of a transaction is settled by its first query (25001).
    pub(crate) fn must_be_unused(&self, name: &str) -> Result<()> {
        let used = self.transaction.as_ref().is_some_and(|transaction| transaction.used);
        if used && name == "transaction_isolation" {
            let message = "SET TRANSACTION ISOLATION LEVEL must be called before any query";
            return Err(Error::new("25001", message));
        }
        Ok(())
    }

    /// AND CHAIN follows a block, so there must be one.
    fn block_to_chain(&mut self, word: &str, chain: bool) -> Result<()> {
        if chain { self.block(&format!("{word} AND CHAIN")).map(|_| ()) } else { Ok(()) }
    }

    async fn commit_block(&mut self, chain: bool) -> Result<&'static str> {
        self.warn_without_block();
        if self.transaction.as_ref().is_some_and(|transaction| transaction.failed) {
            self.roll_back(chain);
            return Ok("ROLLBACK");
        }
        self.commit(chain).await?;
        Ok("COMMIT")
    }

    /// Commits the transaction, if there is one; a failure rolls it back.
    pub(crate) async fn commit(&mut self, chain: bool) -> Result<()> {
        let Some(transaction) = self.transaction.take() else { return Ok(()) };
        let before = transaction.settings.clone();
        let has_changes = transaction.has_changes();
        let modes = self.modes_now();
        self.settings.end_transaction();
        self.cursors.retain(|_, cursor| cursor.hold);
        self.poison = Poison::default();
        if has_changes && let Err(error) = self.database.commit(transaction.finish()).await {
            self.settings = before;
            self.settings.end_transaction();
            return Err(error);
        }
        if chain { self.chain(modes) } else { Ok(()) }
    }

    /// Throws the transaction away.
    pub(crate) fn roll_back(&mut self, chain: bool) {
        let Some(transaction) = self.transaction.take() else { return };
        let modes = self.modes_now();
        self.settings = transaction.settings;
        self.settings.end_transaction();
        self.cursors.retain(|_, cursor| cursor.hold);
        self.poison = Poison::default();
        if chain {
            // Modes of a transaction that was there are valid.
            let _ = self.chain(modes);
        }
    }

    fn chain(&mut self, modes: Modes) -> Result<()> {
        self.begin(modes)
    }

    fn modes_now(&self) -> Modes {
        let level = self.settings.get("transaction_isolation").unwrap_or_default();
        let isolation = crate::settings::ISOLATION_LEVELS.iter().find(|name| **name == level);
        let read_only = self.settings.get("transaction_read_only").is_ok_and(|v| v == "on");
        Modes { isolation: isolation.copied(), read_only: Some(read_only) }
    }

    fn warn_without_block(&mut self) {
        if !self.in_block() {
            let message = "there is no transaction in progress";
            self.notices.push(Notice::warning("25P01", message));
        }
    }

    /// The block, for statements that need one (25P01).
    fn block(&mut self, what: &str) -> Result<&mut Transaction> {
        let block = self.transaction.as_mut().filter(|t| t.origin == Origin::Block);
        block.ok_or_else(|| {
            Error::new("25P01", format!("{what} can only be used in transaction blocks"))
        })
    }
}
