// The map itself: MapLibre with a style of our own and nothing from outside: no tiles, no glyphs, no sprites.
// Loaded only when a map is shown. Draws what it is given; decides nothing.
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { type ExpressionSpecification, type GeoJSONSource, Map as GlMap, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import type { Cluster, Heat } from '../api/nouns';
import { cellLayers, clusterLayers, markLayers, type Palette } from './style';

setWorkerUrl(workerUrl);

export type LayerName = 'cells' | 'labels' | 'heat' | 'clusters' | 'near';
export interface Mark {
  point: [number, number];
  kind: 'chosen' | 'hover' | 'near';
}
export interface Box {
  bbox: [number, number, number, number];
  zoom: number;
}

const EMPTY = { type: 'FeatureCollection' as const, features: [] };
const LAYERS: Record<LayerName, string[]> = {
  cells: ['cell-fill', 'cell-line'],
  labels: ['cell-label'],
  heat: ['cell-heat'],
  clusters: ['cluster', 'cluster-count'],
  near: ['mark-near'],
};

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return { bg: get('bg'), surface: get('surface'), line: get('line-strong'), text: get('text'), brand: get('brand'), onBrand: get('on-brand'), red: get('red'), amber: get('amber') };
}

export class Chart {
  readonly map: GlMap;
  #isLoaded: Promise<void>;

  constructor(container: HTMLElement, options: { center: [number, number]; zoom: number; label: string; isQuiet?: boolean }) {
    const colours = palette();
    this.map = new GlMap({
      container,
      center: options.center,
      zoom: options.zoom,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      fadeDuration: 0,
      localIdeographFontFamily: getComputedStyle(document.body).fontFamily,
      locale: { 'Map.Title': options.label },
      style: {
        version: 8,
        sources: {
          cells: { type: 'geojson', data: EMPTY, promoteId: 'id' },
          clusters: { type: 'geojson', data: EMPTY },
          marks: { type: 'geojson', data: EMPTY },
        },
        layers: [{ id: 'bg', type: 'background', paint: { 'background-color': colours.bg } }, ...cellLayers(colours), ...clusterLayers(colours), ...markLayers(colours)],
      },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');
    if (!options.isQuiet) this.map.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-left');
    this.#isLoaded = new Promise((resolve) => {
      this.map.once('load', () => resolve());
    });
  }

  ready(): Promise<void> {
    return this.#isLoaded;
  }

  #source(name: string): GeoJSONSource | undefined {
    return this.map.getSource<GeoJSONSource>(name);
  }

  showCells(data: GeoJSON.FeatureCollection): void {
    this.#source('cells')?.setData(data);
  }

  showClusters(clusters: readonly Cluster[]): void {
    this.#source('clusters')?.setData({
      type: 'FeatureCollection',
      features: clusters.map((c) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [c.lon, c.lat] },
        properties: { count: c.count, overdue: c.overdue, id: c.id ?? 0, bbox: c.bbox.join(','), label: c.count > 9999 ? `${Math.round(c.count / 1000)}k` : String(c.count) },
      })),
    });
  }

  showMarks(marks: readonly Mark[]): void {
    this.#source('marks')?.setData({
      type: 'FeatureCollection',
      features: marks.map((m) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: m.point }, properties: { kind: m.kind } })),
    });
  }

  showHeat(heat: Heat): void {
    this.map.removeFeatureState({ source: 'cells' });
    const most = Math.max(1, ...heat.cells.map((c) => c.count));
    for (const cell of heat.cells) this.map.setFeatureState({ source: 'cells', id: cell.id }, { share: cell.count / most });
  }

  /** Which cells the filters name; their outline is drawn strong. */
  setLayer(name: LayerName, isOn: boolean): void {
    for (const id of LAYERS[name]) this.map.setLayoutProperty(id, 'visibility', isOn ? 'visible' : 'none');
  }

  /** Colours and language change in place: a new style would drop every source's data. */
  dress(lang: 'zh' | 'en'): void {
    const colours = palette();
    this.map.setPaintProperty('bg', 'background-color', colours.bg);
    for (const layer of [...cellLayers(colours), ...clusterLayers(colours), ...markLayers(colours)]) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) this.map.setPaintProperty(layer.id, name as 'fill-color', value as string);
    }
    const name: ExpressionSpecification = lang === 'en' ? ['coalesce', ['get', 'name_en'], ['get', 'name_zh']] : ['coalesce', ['get', 'name_zh'], ['get', 'name_en']];
    this.map.setLayoutProperty('cell-label', 'text-field', name);
  }

  box(): Box {
    const b = this.map.getBounds();
    return { bbox: [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()], zoom: this.map.getZoom() };
  }

  fit(bbox: [number, number, number, number]): void {
    this.map.fitBounds([[bbox[0], bbox[1]], [bbox[2], bbox[3]]], { padding: 40, maxZoom: 17, duration: 300 });
  }

  /** Brings a point into view without moving more than needed. */
  reveal(point: [number, number]): void {
    if (!this.map.getBounds().contains(point)) this.map.easeTo({ center: point, duration: 300 });
  }

  remove(): void {
    this.map.remove();
  }
}
