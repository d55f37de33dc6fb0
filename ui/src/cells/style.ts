// How the map is drawn, as data: layers made from the page's own colours. Pure.
import type { LayerSpecification } from 'maplibre-gl';

export interface Palette {
  bg: string;
  surface: string;
  line: string;
  text: string;
  brand: string;
  onBrand: string;
  red: string;
  amber: string;
}
const FONT = ['sans-serif'];

type Drawn = Exclude<LayerSpecification, { type: 'background' }>;

export function cellLayers(c: Palette): Drawn[] {
  return [
    { id: 'cell-fill', type: 'fill', source: 'cells', paint: { 'fill-color': c.surface, 'fill-opacity': 0.9 } },
    {
      id: 'cell-heat',
      type: 'fill',
      source: 'cells',
      layout: { visibility: 'none' },
      paint: { 'fill-color': c.brand, 'fill-opacity': ['interpolate', ['linear'], ['coalesce', ['feature-state', 'share'], 0], 0, 0, 0.02, 0.12, 1, 0.85] },
    },
    { id: 'cell-line', type: 'line', source: 'cells', paint: { 'line-color': c.line, 'line-opacity': 0.55, 'line-width': ['interpolate', ['linear'], ['zoom'], 9, 0.4, 16, 1.4] } },
    {
      id: 'cell-label',
      type: 'symbol',
      source: 'cells',
      minzoom: 12,
      layout: { 'text-field': ['get', 'name_zh'], 'text-font': FONT, 'text-size': 12, 'text-max-width': 8, 'text-padding': 6 },
      paint: { 'text-color': c.text, 'text-opacity': 0.72, 'text-halo-color': c.surface, 'text-halo-width': 1.4 },
    },
  ];
}

export function clusterLayers(c: Palette): Drawn[] {
  return [
    {
      id: 'cluster',
      type: 'circle',
      source: 'clusters',
      paint: {
        'circle-color': c.brand,
        'circle-opacity': 0.92,
        // The ring grows with the share that is late; how many they are is in the list.
        'circle-stroke-color': ['case', ['>', ['get', 'overdue'], 0], c.red, c.surface],
        'circle-stroke-width': ['case', ['>', ['get', 'overdue'], 0], ['interpolate', ['linear'], ['/', ['get', 'overdue'], ['get', 'count']], 0, 0.5, 1, 5], 1.5],
        'circle-radius': ['interpolate', ['linear'], ['log10', ['max', 1, ['get', 'count']]], 0, 6, 1, 13, 2, 18, 3, 24, 4, 30],
      },
    },
    {
      id: 'cluster-count',
      type: 'symbol',
      source: 'clusters',
      filter: ['>', ['get', 'count'], 1],
      layout: { 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 12, 'text-allow-overlap': true, 'text-ignore-placement': true },
      paint: { 'text-color': c.onBrand },
    },
  ];
}

export function markLayers(c: Palette): Drawn[] {
  return [
    // From far away they would only clutter the clusters.
    { id: 'mark-near', type: 'circle', source: 'marks', minzoom: 12.5, filter: ['==', ['get', 'kind'], 'near'], paint: { 'circle-color': 'rgba(0,0,0,0)', 'circle-radius': 10, 'circle-stroke-color': c.amber, 'circle-stroke-width': 2 } },
    { id: 'mark-hover', type: 'circle', source: 'marks', filter: ['==', ['get', 'kind'], 'hover'], paint: { 'circle-color': 'rgba(0,0,0,0)', 'circle-radius': 11, 'circle-stroke-color': c.text, 'circle-stroke-width': 2 } },
    { id: 'mark-chosen', type: 'circle', source: 'marks', filter: ['==', ['get', 'kind'], 'chosen'], paint: { 'circle-color': c.text, 'circle-radius': 6, 'circle-stroke-color': c.surface, 'circle-stroke-width': 3 } },
    { id: 'mark-ring', type: 'circle', source: 'marks', filter: ['==', ['get', 'kind'], 'chosen'], paint: { 'circle-color': 'rgba(0,0,0,0)', 'circle-radius': 14, 'circle-stroke-color': c.text, 'circle-stroke-width': 2 } },
  ];
}
