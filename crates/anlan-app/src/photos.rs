//! Photos. Every photo is decoded and drawn anew before it is kept, so nothing that is not picture survives:
//! no EXIF, no place, no device, no trailing archive. It must never hand out the bytes it was given.

use crate::{App, Caller, Error, accesses, cases};
use anlan_model::accesses::Purpose;
use anlan_model::events::Event;
use anlan_model::ids::{CaseId, PhotoId};
use anlan_policy::Action;
use anlan_store::photos::{NewPhoto, Photo};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};
use std::io::Cursor;

/// Largest photo taken, bytes.
pub const BYTES_MAX: usize = 20 * 1024 * 1024;
/// Most photos of one case.
pub const PER_CASE_MAX: usize = 60;
const SIDE_MAX_GIVEN: u32 = 20_000;
const MEMORY_MAX: u64 = 256 * 1024 * 1024;
const SIDE_FULL: u32 = 2048;
const SIDE_THUMB: u32 = 320;
const QUALITY: u8 = 85;

/// What a photo may show (GB/T 47678 names near, far and reference views; before and after the work).
pub const SHOWS: [&str; 5] = ["before", "after", "near", "far", "reference"];

/// Which size is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// At most 320 pixels a side.
    Thumb,
    /// At most 2,048 pixels a side.
    Full,
}

/// A photo drawn anew: JPEG without metadata.
#[derive(Debug)]
pub struct Drawn {
    /// At most 2,048 pixels a side.
    pub full: Vec<u8>,
    /// At most 320 pixels a side.
    pub thumb: Vec<u8>,
    /// Width of `full`, pixels.
    pub width: u32,
    /// Height of `full`, pixels.
    pub height: u32,
}

/// Decodes JPEG, PNG or WebP by content (never by name), turns it upright and draws it anew.
pub fn draw(bytes: &[u8]) -> Result<Drawn, Error> {
    if bytes.len() > BYTES_MAX {
        let megabytes = bytes.len() >> 20;
        return Err(Error::field(
            "photo",
            "photo.too_large",
            format!("照片有 {megabytes} MB，最大 20 MB，请换一张小一些的。"),
            format!("The photo has {megabytes} MB; at most 20 MB are taken. Send a smaller one."),
        ));
    }
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| unreadable(&error))?;
    if reader.format().is_none() {
        return Err(Error::field(
            "photo",
            "photo.not_a_picture",
            "该文件不是 JPEG、PNG 或 WebP 图片（与文件名无关），没有保存。",
            "This file is not a JPEG, PNG or WebP picture, whatever its name says. Nothing of it was kept.",
        ));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX_GIVEN);
    limits.max_image_height = Some(SIDE_MAX_GIVEN);
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| broken(&error))?;
    let orientation = decoder.orientation().map_err(|error| broken(&error))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| broken(&error))?;
    picture.apply_orientation(orientation);
    let full = shrink(picture, SIDE_FULL);
    let thumb = full.thumbnail(SIDE_THUMB, SIDE_THUMB);
    let (width, height) = (full.width(), full.height());
    Ok(Drawn {
        full: jpeg(&full)?,
        thumb: jpeg(&thumb)?,
        width,
        height,
    })
}

fn shrink(picture: DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side {
        return picture;
    }
    picture.thumbnail(side, side)
}

fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let rgb = picture.to_rgb8();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode_image(&rgb)
        .map_err(|error| broken(&error))?;
    Ok(bytes)
}

fn unreadable(error: &std::io::Error) -> Error {
    Error::field(
        "photo",
        "photo.unreadable",
        format!("照片无法读取，没有保存（{error}）。"),
        format!("The photo could not be read; nothing of it was kept ({error})."),
    )
}

fn broken(error: &ImageError) -> Error {
    Error::field(
        "photo",
        "photo.broken",
        format!("图片无法解码，可能不完整或尺寸过大，没有保存（{error}）。"),
        format!(
            "The picture cannot be decoded; it may be cut short or too large. Nothing of it was kept ({error})."
        ),
    )
}

/// Adds a photo to a case the caller may reach.
pub fn add(app: &App, caller: &Caller, case: CaseId, shows: &str, bytes: &[u8]) -> Result<Photo, Error> {
    if !SHOWS.contains(&shows) {
        let known = SHOWS.join(", ");
        return Err(Error::field(
            "shows",
            "photo.shows",
            format!("照片用途应为以下之一：{known}。"),
            format!("A photo shows one of: {known}."),
        ));
    }
    let known = cases::reachable(app, caller, Action::PhotoAdd, case)?;
    let drawn = draw(bytes)?;
    keep(app, caller, known.id, shows, &drawn)
}

/// Keeps a drawn photo with its case: files first, then row, event and access in one unit of work.
pub(crate) fn keep(
    app: &App,
    caller: &Caller,
    id: CaseId,
    shows: &str,
    drawn: &Drawn,
) -> Result<Photo, Error> {
    let now = app.clock.now();
    let (width, height) = (drawn.width, drawn.height);
    let full = app.store.put_blob(&drawn.full)?;
    let thumb = app.store.put_blob(&drawn.thumb)?;
    let stamp = caller.stamp(now);
    let shows = shows.to_owned();
    let purpose = if caller.actor.account.is_some() {
        Purpose::Case
    } else {
        Purpose::OwnReport
    };
    let entry = accesses::entry(app, caller, Action::PhotoAdd, "case", id, purpose);
    app.store.write(move |tx| {
        let case = anlan_store::cases::get(tx, id)?;
        if anlan_store::photos::of_case(tx, id)?.len() >= PER_CASE_MAX {
            return Err(Error::field(
                "photo",
                "photo.too_many",
                format!("该案件已有 {PER_CASE_MAX} 张照片，达到上限，没有再保存。"),
                format!("This case already has {PER_CASE_MAX} photos; no more were kept."),
            ));
        }
        let new = NewPhoto {
            case: id,
            shows: &shows,
            full: &full,
            thumb: &thumb,
            width,
            height,
            at: now,
        };
        let photo = anlan_store::photos::insert(tx, &new)?;
        let event = Event::PhotoAdded {
            photo: photo.id,
            shows: shows.clone(),
        };
        anlan_store::cases::record(tx, &case, &[event], &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(photo)
    })
}

/// A photo's picture, for a caller who may reach its case.
pub fn bytes(app: &App, caller: &Caller, id: PhotoId, size: Size) -> Result<Vec<u8>, Error> {
    // Asked before looking: whoever may see no photo at all shall not learn which there are.
    app.require(caller, Action::PhotoRead)?;
    let photo = app
        .store
        .read(|tx| anlan_store::photos::find(tx, id).map_err(Error::from))?;
    let photo = photo.ok_or(Error::Missing { what: "photo" })?;
    let caller = &*caller.before(photo.case);
    let case = cases::reachable(app, caller, Action::PhotoRead, photo.case).map_err(|error| match error {
        Error::Missing { .. } => Error::Missing { what: "photo" },
        other => other,
    })?;
    accesses::log(
        app,
        accesses::entry(
            app,
            caller,
            Action::PhotoRead,
            "photo",
            case.id,
            caller.actor.purpose_of(Action::PhotoRead),
        ),
    )?;
    picture(app, &photo, size)
}

/// The file behind a photo.
pub(crate) fn picture(app: &App, photo: &Photo, size: Size) -> Result<Vec<u8>, Error> {
    let key = if size == Size::Thumb {
        &photo.thumb
    } else {
        &photo.full
    };
    Ok(app.store.blob(key)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Vec<u8> {
        jpeg(&DynamicImage::new_rgb8(width, height)).unwrap()
    }

    fn code(result: Result<Drawn, Error>) -> &'static str {
        match result {
            Err(Error::Invalid { code, .. }) => code,
            other => panic!("expected a refusal, got {:?}", other.map(|d| (d.width, d.height))),
        }
    }

    /// An EXIF block with a GPS marker, put right behind the start of the picture as cameras do.
    fn with_exif(picture: &[u8]) -> Vec<u8> {
        let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        tiff.extend_from_slice(b"GPS SECRET PLACE");
        let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
        [&picture[..2], &[0xFF, 0xE1], &length, &tiff, &picture[2..]].concat()
    }

    #[test]
    fn exif_is_gone_and_the_picture_stands_upright() {
        let drawn = draw(&with_exif(&picture(40, 20))).unwrap();
        assert_eq!(
            (drawn.width, drawn.height),
            (20, 40),
            "orientation 6 turns it by a quarter"
        );
        for bytes in [&drawn.full, &drawn.thumb] {
            assert!(
                !bytes
                    .windows(4)
                    .any(|window| window == b"Exif" || window == b"SECR")
            );
        }
    }

    #[test]
    fn large_pictures_shrink() {
        let drawn = draw(&picture(4096, 1024)).unwrap();
        assert_eq!((drawn.width, drawn.height), (2048, 512));
    }

    #[test]
    fn what_is_not_a_picture_is_refused_in_words() {
        assert_eq!(code(draw(b"PK\x03\x04 a zip named jpg")), "photo.not_a_picture");
        assert_eq!(code(draw(b"")), "photo.not_a_picture");
        assert_eq!(code(draw(&picture(640, 480)[..300])), "photo.broken");
        assert_eq!(code(draw(&vec![0; BYTES_MAX + 1])), "photo.too_large");
    }
}
