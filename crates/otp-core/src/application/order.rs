//! The order in which applications start: each after its dependencies.

use super::catalogue::Catalogue;
use super::error::StartApplicationError;

/// The applications to start for `name`, first to last, without those that run.
pub(super) fn plan(
    catalogue: &Catalogue,
    name: &str,
) -> Result<Vec<String>, StartApplicationError> {
    let mut plan = Plan {
        catalogue,
        order: Vec::new(),
        path: Vec::new(),
    };
    plan.visit(name)?;
    Ok(plan.order)
}

struct Plan<'a> {
    catalogue: &'a Catalogue,
    order: Vec<String>,
    /// From the requested application down to the current one.
    path: Vec<String>,
}

impl Plan<'_> {
    fn visit(&mut self, name: &str) -> Result<(), StartApplicationError> {
        if self.order.iter().any(|planned| planned == name)
            || self.catalogue.get_running(name).is_some()
        {
            return Ok(());
        }
        let is_circle = self.path.iter().any(|above| above == name);
        self.path.push(name.to_owned());
        if is_circle {
            return Err(StartApplicationError::Circle {
                path: std::mem::take(&mut self.path),
            });
        }
        let Some(spec) = self.catalogue.spec(name) else {
            return Err(StartApplicationError::NotLoaded(name.to_owned()));
        };
        for needed in &spec.dependencies {
            self.visit(needed)?;
        }
        for wanted in &spec.optional {
            if self.catalogue.spec(wanted).is_some() {
                self.visit(wanted)?;
            }
        }
        self.path.pop();
        self.order.push(name.to_owned());
        Ok(())
    }
}
