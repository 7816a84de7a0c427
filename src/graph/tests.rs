//! Trees in memory, and what the graph says of them.

use super::testing::Tree;
use super::{Graph, HomeKind};

fn graph(files: &[(&str, &str)]) -> Graph {
    Graph::build(&Tree::new(files), std::path::Path::new("/p"), &[])
}

fn names(graph: &Graph, cycle: &super::cycles::Cycle) -> Vec<String> {
    cycle.shortest.iter().map(|step| graph.module(step.from).name.clone()).collect()
}

#[test]
fn re_exports_are_followed_home() {
    let graph = graph(&[
        ("shop/__init__.py", "from .orders import Order as PublicOrder\nfrom .prices import *\n"),
        ("shop/orders.py", "class Order: ...\n"),
        ("shop/prices.py", "__all__ = ['price']\ndef price(): ...\ndef hidden(): ...\n"),
    ]);
    let shop = graph.named("shop").expect("shop is a module");
    assert_eq!(graph.offered(shop), ["PublicOrder", "price", "orders", "prices"]);
    let home = graph.home(shop, "PublicOrder").expect("it has a home");
    assert_eq!((graph.module(home.module).name.as_str(), home.how), ("shop.orders", HomeKind::Class));
    let home = graph.home(shop, "price").expect("it has a home");
    assert_eq!(graph.module(home.module).name, "shop.prices");
    assert_eq!(graph.home(shop, "nothing"), None);
    assert_eq!(graph.open_reason(shop), None);
}

#[test]
fn names_for_type_checkers_are_not_offered() {
    let graph = graph(&[(
        "m.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from x import A\nelse:\n    B = 1\nC = 2\ndel C\n",
    )]);
    let module = graph.named("m").expect("m is a module");
    assert_eq!(graph.offered(module), ["TYPE_CHECKING", "B"]);
}

#[test]
fn modules_that_hide_their_names_are_open() {
    let open = |text| {
        let graph = graph(&[("m.py", text)]);
        graph.open_reason(graph.named("m").expect("m is a module"))
    };
    assert_eq!(open("globals().update(x=1)\n").as_deref(), Some("globals().update()"));
    assert_eq!(open("def __getattr__(name): ...\n").as_deref(), Some("module __getattr__"));
    assert_eq!(open("from os import *\n").as_deref(), Some("from os import *"));
    assert_eq!(open("x = 1\n"), None);
}

#[test]
fn cycles_are_told_apart_and_shortest_loops_are_found() {
    let graph = graph(&[
        ("a.py", "import b\nimport c\n"),
        ("b.py", "import c\n"),
        ("c.py", "import a\n"),
        ("x.py", "import y\n"),
        ("y.py", "def f():\n    import x\n"),
    ]);
    let cycles = graph.cycles();
    assert_eq!(cycles.len(), 2);
    assert!(cycles[0].runs_at_import && !cycles[1].runs_at_import);
    assert_eq!((cycles[0].modules.len(), names(&graph, &cycles[0])), (3, vec!["a".to_owned(), "c".to_owned()]));
    assert_eq!(names(&graph, &cycles[1]), ["x", "y"]);
}

#[test]
fn submodules_are_told_from_names() {
    let graph = graph(&[
        ("p/__init__.py", "both = 1\n"),
        ("p/both.py", ""),
        ("p/sub.py", ""),
        ("m.py", "from p import both, sub\nimport p.sub.deeper\n"),
    ]);
    let module = graph.named("m").expect("m is a module");
    let edges: Vec<_> =
        graph.imports(module).iter().map(|(to, e)| (graph.module(*to).name.clone(), e.name.clone())).collect();
    let edge = |name: &str, taken: Option<&str>| (name.to_owned(), taken.map(str::to_owned));
    assert_eq!(edges, [edge("p", Some("both")), edge("p.sub", None), edge("p.sub", None)]);
    let sub = graph.named("p.sub").expect("p.sub is a module");
    assert_eq!(graph.dependents(sub), [module]);
    assert_eq!(graph.path(module, sub).map(|steps| steps.len()), Some(1));
    let package = graph.named("p").expect("p is a module");
    assert_eq!(graph.importers_of(package, "both").len(), 1);
}
