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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use arrow::array::{Int32Array, RecordBatch};
    use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, col, lit};
    use futures::executor::block_on;

    use super::*;
    use crate::catalog::Relation;
    use crate::plan::testing::Memory;
    use crate::plan::{Purpose, optimize};
    use crate::read::{Batches, Relations};

    /// As many batches of 1,000 rows as are asked for, counted.
    struct Many {
        batches: usize,
        read: Arc<AtomicUsize>,
    }

    impl Relations for Many {
        fn batches(&self, _: &Relation, _: Option<&[usize]>) -> Result<Batches> {
            let read = self.read.clone();
            Ok(Box::new((0..self.batches).map(move |batch| {
                read.fetch_add(1, Ordering::Relaxed);
                let values = Int32Array::from_iter_values((0..1_000).map(|row| row + batch as i32));
                Ok(RecordBatch::try_from_iter([("n", Arc::new(values) as _)])?)
            })))
        }
    }

    fn scan() -> LogicalPlanBuilder {
        Memory::default().table("n", &["n"], &[]).scan("n", "n")
    }

    fn read(plan: LogicalPlanBuilder) -> Arc<LogicalPlan> {
        Arc::new(optimize(plan.build().unwrap(), Purpose::Read).unwrap())
    }

    fn context(batches: usize) -> (ReadContext, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        (ReadContext::new(Arc::new(Many { batches, read: read.clone() })), read)
    }

    fn readers(memory_bytes_max: usize) -> Readers {
        Readers::with_threads(1, memory_bytes_max).unwrap()
    }

    #[test]
    fn a_read_gives_all_rows() {
        let plan = scan().filter(col("n.n").gt_eq(lit(0))).unwrap();
        let readers = readers(1 << 20);
        let rows = readers.execute(read(plan), context(50).0).unwrap();
        let batches = block_on(rows.collect()).unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 50_000);
    }

    #[test]
    fn a_read_whose_rows_are_not_taken_waits() {
        let readers = readers(1 << 20);
        let (context, taken) = context(1_000_000);
        let mut rows = readers.execute(read(scan()), context).unwrap();
        assert!(block_on(rows.next()).unwrap().is_ok());
        // Another read has its turn though the first one is not done.
        let other = scan().aggregate(Vec::<Expr>::new(), [count(col("n.n"))]).unwrap();
        let other = readers.execute(read(other), self::context(3).0).unwrap();
        assert_eq!(block_on(other.collect()).unwrap().len(), 1);
        assert!(taken.load(Ordering::Relaxed) < 100);
        drop(rows);
        let last = readers.execute(read(scan()), self::context(1).0).unwrap();
        assert!(block_on(last.collect()).is_ok());
    }

    fn count(expr: Expr) -> Expr {
        datafusion::functions_aggregate::expr_fn::count(expr)
    }

    #[test]
    fn a_stopped_read_ends_with_its_reason() {
        let (context, read_batches) = context(usize::MAX);
        let seen = read_batches.clone();
        let stop = move || match seen.load(Ordering::Relaxed) < 20 {
            true => Ok(()),
            false => Err(Error::new("57014", "canceling statement due to user request")),
        };
        let plan = scan().aggregate(Vec::<Expr>::new(), [count(col("n.n"))]).unwrap();
        let context = context.with_stop(Arc::new(stop));
        let readers = readers(1 << 20);
        let rows = readers.execute(read(plan), context).unwrap();
        let error = block_on(rows.collect()).unwrap_err();
        assert_eq!(error.code(), "57014");
        assert_eq!(read_batches.load(Ordering::Relaxed), 20);
    }

    #[test]
    fn a_read_that_needs_too_much_memory_fails_alone() {
        let readers = readers(100_000);
        let sorted = scan().sort([col("n.n").sort(true, false)]).unwrap();
        let rows = readers.execute(read(sorted), context(500).0).unwrap();
        let error = block_on(rows.collect()).unwrap_err();
        assert_eq!((error.code(), error.message()), ("53200", "out of memory"));
        let rows = readers.execute(read(scan()), context(5).0).unwrap();
        assert_eq!(block_on(rows.collect()).unwrap().len(), 5);
    }

    #[test]
    fn a_limit_takes_no_more_batches_than_it_needs() {
        let (context, taken) = context(usize::MAX);
        let plan = scan().limit(0, Some(1_500)).unwrap();
        let readers = readers(1 << 20);
        let rows = readers.execute(read(plan), context).unwrap();
        let batches = block_on(rows.collect()).unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 1_500);
        assert!(taken.load(Ordering::Relaxed) <= 3);
    }

    /// Two relations of one and of many batches.
    struct Sized;

    impl Relations for Sized {
        fn batches(&self, relation: &Relation, _: Option<&[usize]>) -> Result<Batches> {
            let batches = if relation.name == "large" { 200 } else { 1 };
            let many = Many { batches, read: Arc::default() };
            many.batches(relation, None)
        }

        fn rows(&self, relation: &Relation) -> Option<usize> {
            Some(if relation.name == "large" { 200_000 } else { 1_000 })
        }
    }

    #[test]
    fn a_join_keeps_its_smaller_side_in_memory() {
        let memory = Memory::default().table("large", &["n"], &[]).table("small", &["n"], &[]);
        let small = || memory.scan("small", "s").build().unwrap();
        let large = || memory.scan("large", "l").build().unwrap();
        let readers = readers(200_000);
        for (left, right) in [(large(), small()), (small(), large())] {
            let on = [col("l.n").eq(col("s.n"))];
            let joined = LogicalPlanBuilder::from(left);
            let joined = joined.join_on(right, datafusion::common::JoinType::Inner, on).unwrap();
            let counted = joined.aggregate(Vec::<Expr>::new(), [count(col("l.n"))]).unwrap();
            let context = ReadContext::new(Arc::new(Sized));
            let rows = readers.execute(read(counted), context).unwrap();
            assert!(block_on(rows.collect()).is_ok());
        }
    }

    #[test]
    fn a_negative_limit_is_refused() {
        let plan = LogicalPlan::Limit(datafusion::logical_expr::Limit {
            skip: None,
            fetch: Some(Box::new(lit(-1_i64))),
            input: read(scan()),
        });
        let readers = readers(1 << 20);
        let rows = readers.execute(Arc::new(plan), context(1).0).unwrap();
        assert_eq!(block_on(rows.collect()).unwrap_err().code(), "2201W");
    }
}
