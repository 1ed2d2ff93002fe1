//! Process groups: members come and go.

use super::Operation;
use super::stage::Stage;

pub(super) const OPERATIONS: &[Operation] = &[Operation {
    name: "process groups",
    weight: 6,
    perform: |stage, _| Box::pin(groups(stage)),
}];

const GROUPS: u64 = 10;

async fn groups(mut stage: Stage) {
    let groups = stage.world.groups.clone();
    let group = stage.random.u64(..GROUPS);
    let victims: Vec<_> = (0..stage.random.u32(1..10))
        .map(|_| stage.victim())
        .collect();
    for victim in &victims {
        for _ in 0..stage.random.u32(1..3) {
            let joined = stage.within("a join", groups.join(group, victim)).await;
            if let Some(Ok(())) = joined
                && stage.chance(4)
            {
                stage.within("a leave", groups.leave(group, victim)).await;
            }
        }
    }
    for victim in &victims {
        stage.end(victim);
    }
    for victim in &victims {
        stage.within("a member of a group", victim.wait()).await;
        if groups.members(&group).contains(&victim.pid()) {
            stage.complain(format!("group {group} has a dead member"));
        }
    }
}
