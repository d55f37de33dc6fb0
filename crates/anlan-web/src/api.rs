//! The JSON API, one file per noun. A handler reads the request, calls one action, and shapes the answer.

mod accounts;
mod alerts;
mod cases;
mod description;
mod directories;
mod enrolments;
mod erasures;
mod filters;
mod grants;
mod identities;
mod imports;
mod live;
mod locks;
mod machines;
mod maps;
mod passkeys;
pub(crate) mod photos;
mod posts;
mod reference;
mod reports;
mod restorations;
mod reviews;
mod rules;
mod sessions;
mod totps;
mod warnings;

use crate::problems::Problem;
use crate::state::Web;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(components(schemas(Problem, live::CaseMoved, live::Hello, live::PostEnded, live::SessionEnded)))]
struct Api;

/// Every endpoint, described.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(reference::classes))
        .routes(routes!(reference::offices))
        .routes(routes!(reference::procedure))
        .routes(routes!(reference::cells))
        .routes(routes!(reference::cells_geojson))
        .routes(routes!(cases::reading::list))
        .routes(routes!(cases::reading::read, cases::changing::edit))
        .routes(routes!(cases::moving::move_one))
        .routes(routes!(cases::moving::move_many))
        .routes(routes!(cases::changing::note))
        .routes(routes!(cases::merging::duplicates))
        .routes(routes!(cases::merging::merge))
        .routes(routes!(cases::merging::split))
        .routes(routes!(cases::reading::contact))
        .routes(routes!(erasures::on_request))
        .routes(routes!(erasures::list))
        .routes(photos::adding())
        .routes(routes!(photos::picture))
        .routes(routes!(maps::clusters))
        .routes(routes!(maps::heat))
        .routes(routes!(maps::counts))
        .routes(routes!(reports::take))
        .routes(routes!(reports::likely_of_draft))
        .routes(routes!(rules::list, rules::publish))
        .routes(routes!(rules::try_on))
        .routes(routes!(live::live))
        .routes(routes!(description::description))
        .merge(accounts::routes())
        .merge(alerts::routes())
        .merge(directories::routes())
        .merge(enrolments::routes())
        .merge(grants::routes())
        .merge(identities::routes())
        .merge(imports::routes())
        .merge(machines::routes())
        .merge(passkeys::routes())
        .merge(posts::routes())
        .merge(sessions::routes())
        .merge(totps::routes())
        .merge(warnings::routes())
        .merge(reviews::routes())
        .merge(restorations::routes())
}
