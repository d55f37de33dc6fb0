//! `POST requests`: a form with words and photos, and a machine's key. The words are kept first; a photo that cannot be kept
//! takes nothing from them and is named in the receipt.

use super::{Asked, fault_of_place, offered};
use crate::forms::{self, Broken, Sent as SentFile};
use crate::languages::Lang;
use crate::problems::Failure;
use crate::public::kept_already;
use crate::sessions;
use crate::state::{Web, run};
use anlan_app::machines::{self, Machine};
use anlan_app::reports::{self, Taken};
use anlan_app::tracks;
use anlan_intake::open311::{self, Fault, Receipt, Sent, field};
use axum::Form;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

/// Longest name a sender may give a request so that sending it twice is harmless, bytes.
const IDEMPOTENCY_BYTES_MAX: usize = 200;

/// A form as it was read.
#[derive(Default)]
struct Read {
    fields: Vec<(String, String)>,
    /// In their order; `None` for one that was larger than there is room for.
    photos: Vec<Option<Vec<u8>>>,
}

/// Why nothing was kept.
enum Refused {
    Faults(Vec<Fault>),
    Failure(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Faults(vec![fault])
    }
}

impl From<Broken> for Refused {
    fn from(broken: Broken) -> Self {
        Self::Failure(Failure::of_status(broken.status()))
    }
}

pub(super) async fn hand_in(State(web): State<Web>, mut asked: Asked, request: Request) -> Response {
    match handed_in(&web, &mut asked, request).await {
        Ok(receipt) => asked.answer(StatusCode::OK, &open311::receipt(&receipt)),
        Err(Refused::Faults(faults)) => asked.refuse(&faults),
        Err(Refused::Failure(failure)) => asked.fail(&failure),
    }
}

async fn handed_in(web: &Web, asked: &mut Asked, request: Request) -> Result<Receipt, Refused> {
    let (parts, body) = request.into_parts();
    let (headers, address) = (parts.headers.clone(), sessions::address(&parts, &web.config));
    // A key in the address or a header is looked at before anything is read.
    let early = if let Some(key) = key(&asked.fields, &headers) {
        Some(machine(web, key, address.clone()).await?)
    } else {
        web.limits.of_stranger(&address, web.app.clock.now())?;
        None
    };
    let read = read(web, Request::from_parts(parts, body)).await?;
    asked.fields.extend(read.fields);
    let machine = match early {
        Some(machine) => machine,
        None => machine(web, key(&asked.fields, &headers).ok_or_else(no_key)?, address).await?,
    };
    web.limits.of_key(machine.key, web.app.clock.now())?;
    if let Some(fault) = fault_of_place(web, &asked.fields) {
        return Err(fault.into());
    }
    let sent = Sent::read(&asked.fields).map_err(Refused::Faults)?;
    let class = offered(web, &sent.service_code).map_err(|fault| Fault { code: 400, ..fault })?;
    let name = asked.lang.pick(&class.name_zh, &class.name_en).clone();
    let source = format!("open311:{}", machine.account.name);
    let incoming = sent.incoming(source, repeated(&headers)?, &name, web.app.clock.now());
    let (app, caller) = (web.app.clone(), machine.caller);
    let taken = run(move || reports::take(&app, &caller, incoming, None)).await?;
    let notice = keep_photos(web, asked.lang, &taken, read.photos).await;
    Ok(Receipt {
        id: taken.case.number(),
        notice,
    })
}

/// The key that is shown: in a field of its own, as the protocol has it, or as keys are shown elsewhere here.
fn key(fields: &open311::Fields, headers: &HeaderMap) -> Option<String> {
    let shown = field(fields, "api_key").map(str::to_owned);
    shown.or_else(|| sessions::key(headers))
}

fn no_key() -> Fault {
    Fault {
        code: 403,
        zh: "缺少 api_key；没有保存任何内容。密钥由本节点管理员发放。".into(),
        en: "api_key is missing; nothing was kept. This node's administrators make keys.".into(),
    }
}

async fn machine(web: &Web, key: String, address: String) -> Result<Machine, Failure> {
    let app = web.app.clone();
    run(move || machines::caller(&app, &key, &address)).await
}

/// The sender's own name for this request, if it gave one.
fn repeated(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let Some(given) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let text = given.to_str().ok().map(str::trim);
    let fits = |text: &&str| !text.is_empty() && text.len() <= IDEMPOTENCY_BYTES_MAX;
    match text.filter(fits) {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(Fault::bad(
            format!("Idempotency-Key 应为 1 到 {IDEMPOTENCY_BYTES_MAX} 个 ASCII 字符。"),
            format!("Idempotency-Key has 1 to {IDEMPOTENCY_BYTES_MAX} characters of ASCII."),
        )),
    }
}

async fn read(web: &Web, request: Request) -> Result<Read, Refused> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_multipart = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/"));
    if !is_multipart {
        let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
        let Form(fields) = form.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refused::from(Failure::of_status(StatusCode::PAYLOAD_TOO_LARGE)),
            _ => Refused::from(Fault::bad(
                "请以 application/x-www-form-urlencoded 或 multipart/form-data 提交。",
                "Send application/x-www-form-urlencoded or multipart/form-data.",
            )),
        })?;
        return Ok(Read {
            fields,
            photos: vec![],
        });
    }
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|_why| Broken::NotAForm)?;
    let (mut read, mut room) = (Read::default(), web.config.photo_bytes_max);
    while let Some(mut part) = forms::next_field(&mut form).await? {
        if part.file_name().is_none() {
            let name = part.name().unwrap_or_default().to_owned();
            read.fields.push((name, forms::text(&mut part).await?));
            continue;
        }
        match forms::file(&mut part, room).await? {
            SentFile::Bytes(bytes) => {
                room -= bytes.len().min(room);
                read.photos.push(Some(bytes));
            }
            SentFile::TooLarge => read.photos.push(None),
            SentFile::Nothing => {}
        }
    }
    Ok(read)
}

/// Adds the photos to the report; what the sender should know of those that were not kept.
async fn keep_photos(web: &Web, lang: Lang, taken: &Taken, photos: Vec<Option<Vec<u8>>>) -> Option<String> {
    if photos.is_empty() {
        return None;
    }
    let code = taken.tracking_code.clone();
    let kept = if taken.known {
        kept_already(web, code.clone()).await
    } else {
        0
    };
    let mut notes = Vec::new();
    // Sent again: what is there already is not added twice.
    for (at, photo) in photos.into_iter().enumerate().skip(kept) {
        let result = match photo {
            _ if at >= web.config.public_photos_max => Err(too_many(web.config.public_photos_max)),
            None => Err(Failure::of_status(StatusCode::PAYLOAD_TOO_LARGE)),
            Some(bytes) => {
                let (app, code) = (web.app.clone(), code.clone());
                run(move || tracks::add_photo(&app, &code, &bytes))
                    .await
                    .map(drop)
            }
        };
        if let Err(failure) = result {
            let (number, why) = (at + 1, failure.detail(lang));
            notes.push(lang.pick(
                format!("第 {number} 张照片未保存：{why}"),
                format!("Photo {number} was not kept. {why}"),
            ));
        }
    }
    (!notes.is_empty()).then(|| notes.join(lang.pick("", " ")))
}

fn too_many(most: usize) -> Failure {
    Failure::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "photo.too_many",
        format!("一次最多 {most} 张。"),
        format!("At most {most} are taken at once."),
    )
}
