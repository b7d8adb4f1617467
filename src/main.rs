use hitflop::{error, explore, ingest};
fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let t = std::time::Instant::now();
    let lenient = args[1] == "lenient";
    let s = ingest::source::resolve(&args[2..].iter().map(Into::into).collect::<Vec<_>>())?;
    println!("resolve {:?}", t.elapsed());
    let i = ingest::ingest(&s, std::path::Path::new("/tmp/p/tracks.parquet"), lenient)?;
    println!("ingest {:?}", t.elapsed());
    println!("{:?}\n{:?}\n{:?} {:?}", i.quality, i.out_of_range, i.rows, i.rejected);
    for s in &i.sources { println!("{s:?}"); }
    let s = explore::summary::summarise(&i.tracks)?;
    println!("summary {:?}", t.elapsed());
    let n = i.tracks.numbers()?;
    println!("numbers {:?}", t.elapsed());
    let (p, q) = explore::correlation::correlate(&n)?;
    println!("corr {:?}", t.elapsed());
    let out = serde_json::json!({"s": s, "p": p, "q": q});
    std::fs::write("/tmp/p/out.json", out.to_string())?;
    let _ = error::FAULTS_SHOWN;
    Ok(())
}
