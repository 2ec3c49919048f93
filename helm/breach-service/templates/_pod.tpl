{{/* What the pods have in common. Context: {root, component}; for the migration also {hook: true}. */}}

{{- define "breach.podMetadata" -}}
labels:
  {{- include "breach.labels" . | nindent 2 }}
  {{- with .root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  checksum/config: {{ include (print .root.Template.BasePath "/configmap.yaml") .root | sha256sum }}
  {{- with .root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "breach.podSpec" -}}
automountServiceAccountToken: false
# A Service called "breach" would otherwise put BREACH_PORT=tcp://… into the environment.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .root.Values.runAs.user }}
  runAsGroup: {{ .root.Values.runAs.group }}
  fsGroup: {{ .root.Values.runAs.group }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "breach.topologySpread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: {{ .root.Values.topologySpread.topologyKey }}
    whenUnsatisfiable: {{ .root.Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "breach.selectorLabels" . | nindent 8 }}
    # Without it the pods of the former version count too, and the new ones land side by side.
    matchLabelKeys: [pod-template-hash]
{{- end -}}

{{/* The container of one command; the caller adds ports and probes. */}}
{{- define "breach.container" -}}
name: {{ .component }}
image: {{ include "breach.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
command: [breach-service, {{ .component }}]
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- if not .hook }}
envFrom:
  - configMapRef:
      name: {{ include "breach.fullname" .root }}
{{- end }}
env:
  - name: BREACH_DATA_DIR
    value: /var/lib/breach-service
  {{- if and .root.Values.content.volume (not .hook) }}
  - name: BREACH_CONTENT_DIR
    value: /etc/breach-service/content
  {{- end }}
  {{- range $setting, $key := include "breach.secretSettings" .root | fromJson }}
  - name: {{ $setting }}_FILE
    value: /run/secrets/breach-service/{{ $key }}
  {{- end }}
  {{- with .root.Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  - name: data
    mountPath: /var/lib/breach-service
  {{- if ne (include "breach.secretSettings" .root) "{}" }}
  - name: secrets
    mountPath: /run/secrets/breach-service
    readOnly: true
  {{- end }}
  {{- if and .root.Values.content.volume (not .hook) }}
  - name: content
    mountPath: /etc/breach-service/content
    readOnly: true
  {{- end }}
{{- end -}}

{{- define "breach.volumes" -}}
volumes:
  - name: tmp
    emptyDir: {}
  - name: data
    {{- if eq .root.Values.database "sqlite" }}
    persistentVolumeClaim:
      claimName: {{ .root.Values.persistence.existingClaim | default (include "breach.fullname" .root) }}
    {{- else }}
    emptyDir: {}
    {{- end }}
  {{- with include "breach.secretSettings" .root | fromJson }}
  - name: secrets
    secret:
      secretName: {{ $.root.Values.secrets.existingSecret }}
      # 0440: read by the group of the pod, by nobody else.
      defaultMode: 288
      items:
        {{- range values . | uniq | sortAlpha }}
        - {key: {{ . | quote }}, path: {{ . | quote }}}
        {{- end }}
  {{- end }}
  {{- if and .root.Values.content.volume (not .hook) }}
  - name: content
    {{- toYaml .root.Values.content.volume | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Ports and probes of a container that answers HTTP. */}}
{{- define "breach.http" -}}
ports:
  - name: http
    containerPort: 8000
    protocol: TCP
# The first start migrates a database of its own, or waits for one: give it two minutes before liveness counts.
startupProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- end -}}
