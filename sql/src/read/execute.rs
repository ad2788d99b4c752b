//! One read from its plan to its last row, on a reader's thread.
use std::any::Any;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use datafusion::common::{ParamValues, ScalarValue};
use datafusion::execution::TaskContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::LogicalPlan;
use futures::{FutureExt, StreamExt};
use tokio::sync::mpsc::Sender;

use super::context::ReadContext;
use super::limits::settled;
use super::planner::Planner;
use super::rows::Message;
use crate::{Error, Result};

/// `plan` with values for its placeholders, `$1` first.
pub fn with_parameters(plan: &LogicalPlan, values: Vec<ScalarValue>) -> Result<LogicalPlan> {
    Ok(plan.clone().replace_params_with_values(&ParamValues::from(values))?)
}

/// A read that runs, as its scans see it.
pub(super) struct Running {
    pub(super) context: ReadContext,
    output: Sender<Message>,
}

impl Running {
    /// Fails once the read is to stop, or nobody waits for its rows any more.
    pub(super) fn check(&self) -> Result<()> {
        if self.output.is_closed() {
            return Err(Error::new("57014", "canceling statement since its rows are not wanted"));
        }
        (self.context.stop)()
    }
}

/// What all reads share.
pub(super) struct Environment {
    pub(super) planner: Planner,
    pub(super) runtime: Arc<RuntimeEnv>,
    pub(super) memory_bytes_max: usize,
}

/// Runs `plan` and sends its rows to `output`, then the end or what went wrong.
pub(super) async fn run(
    plan: Arc<LogicalPlan>,
    context: ReadContext,
    output: Sender<Message>,
    environment: Arc<Environment>,
) {
    let sent = AssertUnwindSafe(send_rows(&plan, context, &output, &environment));
    let last = match sent.catch_unwind().await {
        Ok(Ok(())) => Message::End,
        Ok(Err(error)) => Message::Failed(explained(error, environment.memory_bytes_max)),
        Err(panic) => Message::Failed(of_panic(&*panic)),
    };
    // Where nobody listens any more, nobody is to be told.
    let _ = output.send(last).await;
}

async fn send_rows(
    plan: &LogicalPlan,
    context: ReadContext,
    output: &Sender<Message>,
    environment: &Environment,
) -> Result<()> {
    let running = Arc::new(Running { context, output: output.clone() });
    running.check()?;
    let plan = settled(plan.clone())?;
    let config = environment.planner.config(running.clone());
    let physical = environment.planner.plan(&plan, &config).await?;
    let task = TaskContext::new(
        None,
        String::new(),
        config,
        HashMap::new(),
        HashMap::new(),
        HashMap::new(),
        HashMap::new(),
        environment.runtime.clone(),
    );
    let mut rows = datafusion::physical_plan::execute_stream(physical, Arc::new(task))?;
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        running.check()?;
        if batch.num_rows() > 0 && output.send(Message::Batch(batch)).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Arrow panics where the values of a column outgrow a batch; what else panics is our fault.
fn of_panic(panic: &(dyn Any + Send)) -> Error {
    let written = panic.downcast_ref::<String>().map(String::as_str);
    let message = written.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
    match message.contains("offset overflow") {
        true => engine::Error::too_large().into(),
        false => Error::internal("a read panicked"),
    }
}

/// An error of memory says what the limit is.
fn explained(error: Error, memory_bytes_max: usize) -> Error {
    match error.code() {
        "53200" => Error::new("53200", "out of memory").with_detail(format!(
            "Reads may use {memory_bytes_max} bytes together for sorting, grouping and joining."
        )),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use arrow::buffer::OffsetBuffer;

    use super::*;

    #[test]
    fn columns_that_outgrow_a_batch_are_too_large() {
        let lengths = [1_usize << 30, 1 << 30];
        let panic = std::panic::catch_unwind(|| OffsetBuffer::<i32>::from_lengths(lengths));
        assert_eq!(of_panic(&*panic.unwrap_err()).code(), "54000");
    }
}
