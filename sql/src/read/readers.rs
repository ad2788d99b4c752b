//! Threads of their own for reads, so that no connection and no tick waits for a scan.
//!
//! Each thread has a large stack, since DataFusion's planner recurses, and runs its reads by
//! turns: one that waits for its client or has had its turn lets others go on.
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::LogicalPlan;
use tokio::sync::mpsc;

use super::context::ReadContext;
use super::execute::{Environment, run};
use super::planner::Planner;
use super::rows::Rows;
use crate::plan::STACK_BYTES;
use crate::{Error, Result};

/// How many reads may be under way together; more are refused with 53300.
pub const READS_MAX: usize = 4_096;

/// What all reads together may hold for sorting, grouping and joining, unless said otherwise.
pub const READERS_MEMORY_BYTES_MAX: usize = 1 << 30;

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The threads that run reads. Dropping it stops them all.
pub struct Readers {
    threads: Vec<Thread>,
    environment: Arc<Environment>,
}

struct Thread {
    jobs: mpsc::UnboundedSender<Job>,
    /// How many reads it has under way.
    load: Arc<AtomicUsize>,
}

impl Readers {
    /// One thread less than there are cores, at least one, and the memory they may use.
    pub fn new(memory_bytes_max: usize) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_threads(cores.saturating_sub(1).max(1), memory_bytes_max)
    }

    /// As many `threads`.
    pub fn with_threads(threads: usize, memory_bytes_max: usize) -> Result<Self> {
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(GreedyMemoryPool::new(memory_bytes_max)))
            .with_disk_manager_builder(disk)
            .build_arc()?;
        let planner = Planner::new(runtime.clone());
        let threads = (0..threads).map(Thread::start).collect::<Result<Vec<_>>>()?;
        let environment = Arc::new(Environment { planner, runtime, memory_bytes_max });
        Ok(Self { threads, environment })
    }

    /// Runs `plan`, which must be optimised and without placeholders, and hands over its rows.
    pub fn execute(&self, plan: Arc<LogicalPlan>, context: ReadContext) -> Result<Rows> {
        let load = |thread: &&Thread| thread.load.load(Ordering::Relaxed);
        let under_way: usize = self.threads.iter().map(|thread| load(&thread)).sum();
        let thread = self.threads.iter().min_by_key(load);
        let Some(thread) = thread.filter(|_| under_way < READS_MAX) else {
            return Err(Error::new("53300", "too many reads are under way")
                .with_hint(format!("At most {READS_MAX} can be; try again later.")));
        };
        let (sender, rows) = Rows::channel();
        let turn = Turn::take(&thread.load);
        let environment = self.environment.clone();
        let job = async move {
            run(plan, context, sender, environment).await;
            drop(turn);
        };
        let sent = thread.jobs.send(Box::pin(job));
        sent.map_err(|_| Error::internal("a reader's thread is gone"))?;
        Ok(rows)
    }
}

impl Thread {
    fn start(number: usize) -> Result<Self> {
        let (jobs, mut arriving) = mpsc::unbounded_channel::<Job>();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|error| Error::internal(format!("could not start a reader: {error}")))?;
        std::thread::Builder::new()
            .name(format!("reader-{number}"))
            .stack_size(STACK_BYTES)
            .spawn(move || {
                runtime.block_on(async move {
                    while let Some(job) = arriving.recv().await {
                        tokio::spawn(job);
                    }
                });
            })
            .map_err(|error| Error::internal(format!("could not start a reader: {error}")))?;
        Ok(Self { jobs, load: Arc::default() })
    }
}

/// A read under way, counted until it is dropped, however it ends.
struct Turn(Arc<AtomicUsize>);

impl Turn {
    fn take(load: &Arc<AtomicUsize>) -> Self {
        load.fetch_add(1, Ordering::Relaxed);
        Self(load.clone())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
