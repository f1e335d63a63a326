//! Which siblings in a folder of modules use each other, and the cycles among them.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{ModulePath, Tree};

/// Sibling → the siblings that it, or a module below it, uses.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// The graph of each folder. A parent and its own children are no siblings: a parent may define
/// what its children share and put together what they offer.
pub fn graphs(tree: &Tree) -> BTreeMap<ModulePath, Graph> {
    let mut graphs: BTreeMap<ModulePath, Graph> = BTreeMap::new();
    for (user, definer) in tree.uses() {
        let shared = user
            .iter()
            .zip(&definer)
            .take_while(|(one, other)| one == other)
            .count();
        if let (Some(from), Some(to)) = (user.get(shared), definer.get(shared)) {
            let graph = graphs.entry(user[..shared].to_vec()).or_default();
            graph.entry(from.clone()).or_default().insert(to.clone());
        }
    }
    graphs
}

/// The sets of siblings that use each other in a circle.
pub fn cycles(graph: &Graph) -> BTreeSet<BTreeSet<String>> {
    graph
        .keys()
        .map(|start| {
            let reached = reachable(graph, start);
            reached
                .into_iter()
                .filter(|node| reachable(graph, node).contains(start))
                .collect::<BTreeSet<_>>()
        })
        .filter(|cycle| !cycle.is_empty())
        .collect()
}

/// What a sibling uses, directly or through others.
fn reachable(graph: &Graph, start: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start.to_owned()];
    while let Some(node) = open.pop() {
        for next in graph.get(&node).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    reached
}
