//! Writes a CSV file's rows several times over, each time with new ids: a larger file of the same kind, for
//! measuring. `cargo run -p anlan-intake --example repeat -- FILE ID_COLUMN TIMES > larger.csv`

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write, stdout};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| {
        arguments
            .next()
            .ok_or(format!("name {what}: FILE ID_COLUMN TIMES"))
    };
    let (path, column, times) = (next("a file")?, next("the column of ids")?, next("how often")?);
    let times: u32 = times.parse()?;
    let mut out = csv::Writer::from_writer(BufWriter::new(stdout().lock()));
    for round in 0..times {
        let mut reader = csv::Reader::from_reader(open(&path)?);
        let header = reader.headers()?.clone();
        let at = header
            .iter()
            .position(|name| name == column)
            .ok_or("no such column")?;
        if round == 0 {
            out.write_record(&header)?;
        }
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row)? {
            let fields = row.iter().enumerate().map(|(place, value)| match round {
                0 => value.to_owned(),
                _ if place == at => format!("{value}-{round}"),
                _ => value.to_owned(),
            });
            out.write_record(fields)?;
        }
    }
    out.into_inner()?.flush()?;
    Ok(())
}

fn open(path: &str) -> Result<Box<dyn Read>, Box<dyn Error>> {
    let file = BufReader::new(File::open(path)?);
    let is_packed = std::path::Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "zst");
    Ok(if is_packed {
        Box::new(zstd::Decoder::new(file)?)
    } else {
        Box::new(file)
    })
}
