import { expect, test } from 'vitest';
import type { AlertArea, AlertDetail } from '../src/alerts/calls';
import { ring, shapesOf } from '../src/alerts/shapes';

test('a circle becomes a closed ring as far from its middle as it says', () => {
  const corners = ring([113.1, 27.8], 5);
  expect(corners[0]).toEqual(corners.at(-1));
  const [lon, lat] = corners[18] as [number, number];
  expect(lon).toBeCloseTo(113.1, 6);
  expect((lat - 27.8) * 111.195).toBeCloseTo(5, 6);
});

test('an area that is said in two languages is drawn once, a point is drawn so that it shows', () => {
  const area: AlertArea = {
    description: 'x',
    polygons: [[[0, 0], [1, 0], [1, 1], [0, 0]]],
    circles: [{ middle: [5, 5], radius_km: 0 }],
    geocodes: [],
  };
  const alert = { infos: [{ areas: [area] }, { areas: [area] }] } as unknown as AlertDetail;
  const shapes = shapesOf(alert);
  expect(shapes.features).toHaveLength(2);
  const [, point] = shapes.features.map((one) => (one.geometry as GeoJSON.Polygon).coordinates[0] ?? []);
  expect(point?.[0]?.[0]).toBeGreaterThan(5);
});
