//! The doors, one line each. A new endpoint needs a line here, or a test fails.

use super::{Door, Key, Thing, Trace, coded, directory, entering, halfway, open, own, staff};
use anlan_model::accesses::Purpose::{Audit, Case, Emergency, Maintenance, OwnReport};
use anlan_policy::Action;

const LIST: Trace = (Action::CaseList, "cases", Case);
const READ: Trace = (Action::CaseRead, "case", Case);
const MOVE: Trace = (Action::CaseMove, "case", Case);
const MERGE: Trace = (Action::CaseMerge, "case", Case);
const WARNING: Trace = (Action::WarningRead, "warning", Case);
const REVIEW: Trace = (Action::ReviewRead, "review", Audit);
const FOLLOWED: Trace = (Action::CaseRead, "case", OwnReport);
const ACTED: Trace = (Action::CaseMove, "case", OwnReport);
const PHOTO_GIVEN: Trace = (Action::PhotoAdd, "case", OwnReport);
const IMPORT: Trace = (Action::ImportRun, "import", Maintenance);
const MEND: Trace = (Action::ImportMend, "quarantine", Maintenance);

const LOOKED: Trace = (Action::AccessRead, "case", OwnReport);
const ACCOUNT: Trace = (Action::AccountRead, "account", Maintenance);
const OWN_SESSION: Trace = (Action::SessionUse, "session", Maintenance);
const PASSWORD: Trace = (Action::SessionUse, "password", Maintenance);
const PASSKEY: Trace = (Action::SessionUse, "passkey", Maintenance);
const TOTP: Trace = (Action::SessionUse, "totp", Maintenance);
const SESSIONS: Trace = (Action::SessionEnd, "session", Maintenance);

const KEPT: Trace = (Action::AccountProvision, "account", Maintenance);
const KEPT_GROUP: Trace = (Action::AccountProvision, "group", Maintenance);
const KEPT_ROLE: Trace = (Action::AccountProvision, "role", Maintenance);

/// Every door, the API's in the order of their paths, then the pages.
#[rustfmt::skip]
pub const DOORS: &[Door] = &[
    staff("GET /api/accounts", Action::ReferenceRead, Thing::Whole),
    staff("POST /api/accounts", Action::AccountWrite, Thing::Whole).leaves(&[(Action::AccountWrite, "account", Maintenance)]),
    staff("GET /api/accounts/secured", Action::AccountRead, Thing::Whole).leaves(&[ACCOUNT]),
    staff("GET /api/accounts/{id}", Action::AccountRead, Thing::Account).leaves(&[ACCOUNT]),
    staff("PATCH /api/accounts/{id}", Action::AccountWrite, Thing::Account).leaves(&[(Action::AccountWrite, "account", Maintenance), ACCOUNT]),
    staff("DELETE /api/accounts/{id}/factors", Action::FactorRemove, Thing::Account).leaves(&[(Action::FactorRemove, "account", Maintenance)]),
    staff("PUT /api/accounts/{id}/identity", Action::AccountWrite, Thing::Account).leaves(&[(Action::AccountWrite, "identity", Maintenance), ACCOUNT]),
    staff("DELETE /api/accounts/{id}/identity", Action::AccountWrite, Thing::Identity).leaves(&[(Action::AccountWrite, "identity", Maintenance), ACCOUNT]),
    staff("GET /api/accounts/{id}/keys", Action::AccountRead, Thing::Machine).leaves(&[(Action::AccountRead, "key", Maintenance)]),
    staff("POST /api/accounts/{id}/keys", Action::KeyMake, Thing::Machine).leaves(&[(Action::KeyMake, "key", Maintenance)]),
    staff("POST /api/accounts/{id}/password", Action::AccountWrite, Thing::Account).leaves(&[(Action::AccountWrite, "password", Maintenance)]),
    staff("PUT /api/accounts/{id}/roles", Action::RoleGrant, Thing::Account).leaves(&[(Action::RoleGrant, "role", Maintenance), ACCOUNT]),
    staff("GET /api/accounts/{id}/sessions", Action::SessionEnd, Thing::Account).leaves(&[SESSIONS]),
    staff("DELETE /api/accounts/{id}/sessions", Action::SessionEnd, Thing::Account).leaves(&[SESSIONS]),
    staff("GET /api/cases", Action::CaseList, Thing::Whole).leaves(&[LIST]),
    staff("GET /api/cases/{id}", Action::CaseRead, Thing::Case).leaves(&[READ]),
    staff("PATCH /api/cases/{id}", Action::CaseEdit, Thing::Case).leaves(&[(Action::CaseEdit, "case", Case)]),
    staff("GET /api/cases/{id}/contact", Action::CaseContact, Thing::Case).leaves(&[(Action::CaseContact, "contact", Case)]),
    staff("GET /api/cases/{id}/duplicates", Action::CaseRead, Thing::Case).leaves(&[LIST]),
    staff("POST /api/cases/{id}/erasure", Action::CaseErase, Thing::Case).leaves(&[(Action::CaseErase, "case", Case)]),
    staff("POST /api/cases/{id}/merge", Action::CaseMerge, Thing::Case).leaves(&[MERGE, MERGE]),
    staff("POST /api/cases/{id}/moves", Action::CaseMove, Thing::Case).leaves(&[MOVE]),
    staff("POST /api/cases/{id}/notes", Action::CaseNote, Thing::Case).leaves(&[(Action::CaseNote, "case", Case)]),
    staff("POST /api/cases/{id}/opening", Action::GrantOpen, Thing::Case).leaves(&[(Action::GrantOpen, "case", Emergency)]),
    staff("POST /api/cases/{id}/photos", Action::PhotoAdd, Thing::Case).leaves(&[(Action::PhotoAdd, "case", Case)]),
    staff("POST /api/cases/{id}/split", Action::CaseMerge, Thing::Case).leaves(&[MERGE, MERGE]),
    staff("GET /api/cells", Action::ReferenceRead, Thing::Whole),
    staff("GET /api/cells.geojson", Action::ReferenceRead, Thing::Whole),
    staff("GET /api/classes", Action::ReferenceRead, Thing::Whole),
    staff("GET /api/counts", Action::CaseList, Thing::Whole).leaves(&[LIST]),
    staff("GET /api/erasures", Action::RetentionRead, Thing::Whole).leaves(&[(Action::RetentionRead, "erasure", Maintenance)]),
    staff("GET /api/grants", Action::GrantList, Thing::Whole).leaves(&[(Action::GrantList, "grants", Audit)]),
    staff("POST /api/grants", Action::GrantAsk, Thing::Whole).leaves(&[(Action::GrantAsk, "grant", Maintenance)]),
    staff("POST /api/grants/{id}/answer", Action::GrantApprove, Thing::Grant).leaves(&[(Action::GrantApprove, "grant", Maintenance), (Action::AccountEntrust, "role", Maintenance), (Action::GrantReview, "grant", Audit)]),
    staff("GET /api/groups", Action::AccountRead, Thing::Whole).leaves(&[(Action::AccountRead, "group", Maintenance)]),
    staff("PUT /api/groups/{id}/roles", Action::RoleGrant, Thing::Group).leaves(&[(Action::RoleGrant, "group", Maintenance), (Action::RoleGrant, "role", Maintenance)]),
    staff("GET /api/imports", Action::ImportRead, Thing::Whole),
    staff("POST /api/imports", Action::ImportRun, Thing::Whole).leaves(&[IMPORT]),
    staff("GET /api/imports/{id}", Action::ImportRead, Thing::Import),
    staff("GET /api/imports/{id}/quarantine", Action::ImportMend, Thing::Import).leaves(&[MEND]),
    staff("POST /api/imports/{id}/replay", Action::ImportRun, Thing::Import).leaves(&[IMPORT]),
    staff("POST /api/imports/{id}/resume", Action::ImportRun, Thing::Import).leaves(&[IMPORT]),
    staff("POST /api/imports/{id}/stop", Action::ImportRun, Thing::Import).leaves(&[IMPORT]),
    staff("DELETE /api/keys/{id}", Action::KeyRevoke, Thing::Key).leaves(&[(Action::KeyRevoke, "key", Maintenance)]),
    own("GET /api/live", Thing::Whole).leaves(&[LIST]),
    staff("GET /api/locks", Action::LockRead, Thing::Whole).leaves(&[(Action::LockRead, "lock", Maintenance)]),
    staff("DELETE /api/locks/{id}", Action::LockClear, Thing::Lock).leaves(&[(Action::LockClear, "lock", Maintenance)]),
    staff("POST /api/machines", Action::AccountWrite, Thing::Whole).leaves(&[(Action::AccountWrite, "account", Maintenance)]),
    staff("GET /api/map", Action::CaseList, Thing::Whole).leaves(&[LIST]),
    staff("GET /api/map/heat", Action::CaseList, Thing::Whole).leaves(&[LIST]),
    staff("GET /api/mappings", Action::ReferenceRead, Thing::Whole),
    staff("POST /api/moves", Action::CaseMove, Thing::Whole).leaves(&[MOVE]),
    staff("GET /api/offices", Action::ReferenceRead, Thing::Whole),
    open("GET /api/openapi.json"),
    own("GET /api/passkeys", Thing::Whole),
    own("POST /api/passkeys", Thing::Whole).leaves(&[PASSKEY]),
    own("POST /api/passkeys/asked", Thing::Whole),
    own("DELETE /api/passkeys/{id}", Thing::Passkey).leaves(&[PASSKEY]),
    own("PUT /api/password", Thing::Whole).leaves(&[PASSWORD]),
    staff("GET /api/photos/{id}", Action::PhotoRead, Thing::Photo).leaves(&[(Action::PhotoRead, "photo", Case)]),
    staff("GET /api/procedure", Action::ReferenceRead, Thing::Whole),
    staff("PATCH /api/quarantine/{id}", Action::ImportMend, Thing::Row).leaves(&[MEND]),
    staff("POST /api/reports", Action::ReportCreate, Thing::Whole).leaves(&[(Action::ReportCreate, "case", Case), LIST]),
    staff("POST /api/reports/likely", Action::CaseList, Thing::Whole).leaves(&[LIST]),
    staff("GET /api/reviews", Action::ReviewRead, Thing::Whole).leaves(&[(Action::ReviewRead, "reviews", Audit)]),
    staff("GET /api/reviews/{id}", Action::ReviewRead, Thing::Review).leaves(&[REVIEW]),
    staff("POST /api/reviews/{id}/moves", Action::ReviewDecide, Thing::Review).leaves(&[(Action::ReviewDecide, "review", Audit), REVIEW]),
    staff("GET /api/rules", Action::RulesRead, Thing::Whole),
    staff("PUT /api/rules", Action::RulesPublish, Thing::Whole).leaves(&[(Action::RulesPublish, "rules", Maintenance)]),
    staff("POST /api/rules/try", Action::RulesTry, Thing::Whole).leaves(&[(Action::RulesTry, "cases", Maintenance), READ]),
    own("GET /api/session", Thing::Whole),
    entering("POST /api/session", Key::Nothing, &[OWN_SESSION]),
    open("DELETE /api/session"),
    entering("POST /api/session/code", Key::Half, &[OWN_SESSION]),
    entering("POST /api/session/enrolment/passkey", Key::Half, &[PASSKEY, OWN_SESSION]),
    halfway("POST /api/session/enrolment/passkey/asked"),
    halfway("POST /api/session/enrolment/totp"),
    entering("PUT /api/session/enrolment/totp", Key::Half, &[TOTP, OWN_SESSION]),
    entering("POST /api/session/passkey", Key::Nothing, &[OWN_SESSION]),
    open("POST /api/session/passkey/asked"),
    entering("POST /api/session/password", Key::Half, &[PASSWORD, OWN_SESSION]),
    own("POST /api/session/proof", Thing::Whole),
    open("POST /api/session/provider"),
    entering("POST /api/session/provider/answer", Key::Away, &[(Action::SessionUse, "identity", Maintenance), OWN_SESSION]),
    open("GET /api/session/providers"),
    own("GET /api/sessions", Thing::Whole),
    own("DELETE /api/sessions", Thing::Whole).leaves(&[OWN_SESSION]),
    own("DELETE /api/sessions/{id}", Thing::Session).leaves(&[OWN_SESSION]),
    own("GET /api/totp", Thing::Whole),
    own("POST /api/totp", Thing::Whole),
    own("PUT /api/totp", Thing::Whole).leaves(&[TOTP]),
    own("DELETE /api/totp", Thing::Whole).leaves(&[TOTP]),
    own("POST /api/totp/codes", Thing::Whole).leaves(&[TOTP]),
    staff("POST /api/uploads", Action::ImportRun, Thing::Whole).leaves(&[(Action::ImportRun, "upload", Maintenance)]),
    staff("POST /api/uploads/{upload}/profile", Action::ImportRun, Thing::Upload).leaves(&[(Action::ImportRun, "upload", Maintenance)]),
    staff("GET /api/warning-budget", Action::WarningRead, Thing::Whole),
    staff("PUT /api/warning-budget", Action::WarningTune, Thing::Whole).leaves(&[(Action::WarningTune, "warnings", Maintenance)]),
    staff("GET /api/warning-budget/trial", Action::WarningRead, Thing::Whole),
    staff("GET /api/warnings", Action::WarningRead, Thing::Whole).leaves(&[(Action::WarningRead, "warnings", Case)]),
    staff("GET /api/warnings/{id}", Action::WarningRead, Thing::Warning).leaves(&[WARNING]),
    staff("GET /api/warnings/{id}/cases", Action::WarningRead, Thing::Warning).leaves(&[WARNING, LIST]),
    staff("POST /api/warnings/{id}/moves", Action::WarningDecide, Thing::Warning).leaves(&[(Action::WarningDecide, "warning", Case), WARNING]),
    coded("GET /data-tracker/findUsage", Action::AccessRead, &[LOOKED]),
    open("GET /data-tracker/heartbeat"),
    open("GET /data-tracker/usagePeriod"),
    open("GET /healthz"),
    open("GET /log/{*path}"),
    open("GET /public.css"),
    open("GET /public.js"),
    open("GET /public.svg"),
    open("GET /report"),
    open("POST /report").for_residents(Action::ReportCreate).leaves(&[(Action::ReportCreate, "case", Case), PHOTO_GIVEN]),
    open("GET /report/near").for_residents(Action::ReportCreate),
    directory("GET /scim/v2/Groups", Thing::Whole).leaves(&[KEPT_GROUP]),
    directory("POST /scim/v2/Groups", Thing::Whole).leaves(&[KEPT_GROUP]),
    directory("GET /scim/v2/Groups/{id}", Thing::Group).leaves(&[KEPT_GROUP]),
    directory("PUT /scim/v2/Groups/{id}", Thing::Group).leaves(&[KEPT_GROUP, KEPT_ROLE]),
    directory("PATCH /scim/v2/Groups/{id}", Thing::Group).leaves(&[KEPT_GROUP, KEPT_ROLE]),
    directory("DELETE /scim/v2/Groups/{id}", Thing::Group).leaves(&[KEPT_GROUP, KEPT_ROLE]),
    directory("GET /scim/v2/ResourceTypes", Thing::Whole),
    directory("GET /scim/v2/ResourceTypes/{id}", Thing::Whole),
    directory("GET /scim/v2/Schemas", Thing::Whole),
    directory("GET /scim/v2/Schemas/{id}", Thing::Whole),
    directory("GET /scim/v2/ServiceProviderConfig", Thing::Whole),
    directory("GET /scim/v2/Users", Thing::Whole).leaves(&[KEPT]),
    directory("POST /scim/v2/Users", Thing::Whole).leaves(&[KEPT]),
    directory("GET /scim/v2/Users/{id}", Thing::Provision).leaves(&[KEPT]),
    directory("PUT /scim/v2/Users/{id}", Thing::Provision).leaves(&[KEPT]),
    directory("PATCH /scim/v2/Users/{id}", Thing::Provision).leaves(&[KEPT]),
    directory("DELETE /scim/v2/Users/{id}", Thing::Provision).leaves(&[KEPT]),
    coded("GET /t/{code}", Action::CaseRead, &[FOLLOWED]),
    coded("GET /t/{code}/accesses", Action::AccessRead, &[LOOKED]),
    coded("GET /t/{code}/accesses/proof", Action::AccessRead, &[LOOKED]),
    coded("POST /t/{code}/photos", Action::PhotoAdd, &[FOLLOWED, PHOTO_GIVEN]),
    coded("GET /t/{code}/photos/{photo}", Action::PhotoRead, &[(Action::PhotoRead, "case", OwnReport)]),
    coded("POST /t/{code}/rate", Action::CaseMove, &[ACTED]),
    coded("POST /t/{code}/reopen", Action::CaseMove, &[ACTED]),
    open("GET /track"),
    open("POST /witness/add-checkpoint"),
    open("GET /witness/{hash}/checkpoint"),
];
