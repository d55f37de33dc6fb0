// An alert's areas as a map draws them: rings as they are, circles as rings of many corners.
import type { AlertArea, AlertDetail } from './calls';

const CORNERS = 72;
const KM_PER_DEGREE = 111.195;

export function ring(middle: readonly number[], radiusKm: number): [number, number][] {
  const [lon = 0, lat = 0] = middle;
  const north = radiusKm / KM_PER_DEGREE;
  const east = north / Math.max(Math.cos((lat * Math.PI) / 180), 0.01);
  const corners: [number, number][] = [];
  for (let at = 0; at <= CORNERS; at += 1) {
    const turn = (at % CORNERS) * ((2 * Math.PI) / CORNERS);
    corners.push([lon + east * Math.cos(turn), lat + north * Math.sin(turn)]);
  }
  return corners;
}

function rings(area: AlertArea): [number, number][][] {
  const polygons = area.polygons as [number, number][][];
  // A point is given as a circle without a radius; it is drawn so that it can be seen.
  return [...polygons, ...area.circles.map((one) => ring(one.middle, Math.max(one.radius_km, 0.1)))];
}

export function shapesOf(alert: AlertDetail): GeoJSON.FeatureCollection {
  const areas = alert.infos.flatMap((info) => info.areas);
  // The same area said in two languages is drawn once.
  const seen = new Set<string>();
  const features = areas.flatMap(rings).filter((one) => {
    const key = JSON.stringify(one);
    return !seen.has(key) && seen.add(key);
  });
  return {
    type: 'FeatureCollection',
    features: features.map((one) => ({ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [one] } })),
  };
}
