// The cells' polygons, fetched once for every map on the page.

let asked: Promise<GeoJSON.FeatureCollection> | undefined;

export function cellBoundaries(): Promise<GeoJSON.FeatureCollection> {
  asked ??= fetch('/api/cells.geojson').then((response) => {
    if (!response.ok) throw new Error(String(response.status));
    return response.json() as Promise<GeoJSON.FeatureCollection>;
  });
  asked.catch(() => {
    asked = undefined;
  });
  return asked;
}
