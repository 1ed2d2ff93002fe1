//! In what order applications start: each after those that it needs.

use super::error::StartError;
use super::ledger::Ledger;

/// The applications that are to be started for `name`, first to last, those that run already left out.
pub(super) fn plan(ledger: &Ledger, name: &str) -> Result<Vec<String>, StartError> {
    let mut plan = Plan {
        ledger,
        order: Vec::new(),
        path: Vec::new(),
    };
    plan.visit(name)?;
    Ok(plan.order)
}

struct Plan<'a> {
    ledger: &'a Ledger,
    order: Vec<String>,
    /// From the one that was asked for down to the one that is looked at.
    path: Vec<String>,
}

impl Plan<'_> {
    fn visit(&mut self, name: &str) -> Result<(), StartError> {
        if self.order.iter().any(|planned| planned == name) || self.ledger.is_running(name) {
            return Ok(());
        }
        let is_circle = self.path.iter().any(|above| above == name);
        self.path.push(name.to_owned());
        if is_circle {
            return Err(StartError::Circle {
                path: std::mem::take(&mut self.path),
            });
        }
        let Some(spec) = self.ledger.spec(name) else {
            return Err(StartError::NotLoaded(name.to_owned()));
        };
        for needed in &spec.dependencies {
            self.visit(needed)?;
        }
        for wanted in &spec.optional {
            if self.ledger.spec(wanted).is_some() {
                self.visit(wanted)?;
            }
        }
        self.path.pop();
        self.order.push(name.to_owned());
        Ok(())
    }
}
